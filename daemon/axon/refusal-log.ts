import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import type { Refusal } from '#core/bittensor/admission/refusals'
import type { AxonMetrics } from './metrics.ts'

/** What is known of the refused request; only values that cannot contain a peer's text. */
export interface RefusedRequest {
  readonly receiver: string
  readonly peerIp: string
  /** A hotkey that could be decoded; never the header itself. */
  readonly sender?: string | undefined
}

interface Window {
  startedAtMs: number
  lines: number
  suppressed: number
}

const windowMs = 10_000
const linesPerWindow = 20

/** Counts each refusal and writes a line for it. During a flood the next line says how many lines were left out. */
export class RefusalLog {
  readonly #log: Logger
  readonly #clock: Clock
  readonly #metrics: Pick<AxonMetrics, 'refused'>
  readonly #windows = new Map<string, Window>()

  constructor(deps: { log: Logger; clock: Clock; metrics: Pick<AxonMetrics, 'refused'> }) {
    this.#log = deps.log
    this.#clock = deps.clock
    this.#metrics = deps.metrics
  }

  note(refusal: Refusal, request: RefusedRequest): void {
    this.#metrics.refused(refusal.code)
    const nowMs = this.#clock.monotonicMs()
    let window = this.#windows.get(refusal.code)
    if (window === undefined || nowMs - window.startedAtMs >= windowMs) {
      window = { startedAtMs: nowMs, lines: 0, suppressed: window?.suppressed ?? 0 }
      this.#windows.set(refusal.code, window)
    }
    if (window.lines >= linesPerWindow) {
      window.suppressed += 1
      return
    }
    window.lines += 1
    const { suppressed } = window
    window.suppressed = 0
    this.#log.info(
      {
        event: 'request.refused',
        code: refusal.code,
        status: refusal.status,
        ...(refusal.field === undefined ? {} : { field: refusal.field }),
        ...request,
        ...(suppressed > 0 ? { suppressed } : {}),
      },
      'Request refused',
    )
  }
}

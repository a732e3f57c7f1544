import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import type { Refusal } from '#core/bittensor/admission/refusals'

/** What is known of the refused request; only values that cannot carry a peer's text. */
export interface RefusedRequest {
  readonly receiver: string
  readonly peerIp: string
  /** A hotkey that decoded; never the header as it came. */
  readonly sender?: string | undefined
}

interface Window {
  startedAtMs: number
  lines: number
  suppressed: number
}

const windowMs = 10_000
const linesPerWindow = 20

/** One line for each refusal, until a flood makes them noise: then the next line says how many were left out. */
export class RefusalLog {
  readonly #log: Logger
  readonly #clock: Clock
  readonly #windows = new Map<string, Window>()

  constructor(log: Logger, clock: Clock) {
    this.#log = log
    this.#clock = clock
  }

  write(refusal: Refusal, request: RefusedRequest): void {
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

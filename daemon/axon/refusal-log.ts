import type { Logger } from '#core/base/log/logger'
import type { Refusal } from '#core/bittensor/admission/refusals'
import type { LogLimit } from './log-limit.ts'
import type { AxonMetrics } from './metrics.ts'

/** What is known of the refused request; only values that cannot contain a peer's text. */
export interface RefusedRequest {
  readonly receiver: string
  readonly peerIp: string
  /** A hotkey that could be decoded; never the header itself. */
  readonly sender?: string | undefined
}

/** Counts each refusal and writes a line for it. During a flood the next line says how many lines were left out. */
export class RefusalLog {
  readonly #log: Logger
  readonly #limit: LogLimit
  readonly #metrics: Pick<AxonMetrics, 'refused'>

  constructor(deps: { log: Logger; limit: LogLimit; metrics: Pick<AxonMetrics, 'refused'> }) {
    this.#log = deps.log
    this.#limit = deps.limit
    this.#metrics = deps.metrics
  }

  note(refusal: Refusal, request: RefusedRequest): void {
    this.#metrics.refused(refusal.code)
    const line = this.#limit.take(refusal.code)
    if (line === undefined) return
    this.#log.info(
      {
        event: 'request.refused',
        code: refusal.code,
        status: refusal.status,
        ...(refusal.field === undefined ? {} : { field: refusal.field }),
        ...request,
        ...line,
      },
      'Request refused',
    )
  }
}

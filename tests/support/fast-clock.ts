import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '#core/base/time/clock'

/** Real time, some times faster: for tests whose other end is a real socket. */
export class FastClock implements Clock {
  readonly #factor: number
  readonly #startedAt = performance.now()
  readonly #startAtMs: number
  /** Moves the wall clock only, as an operator or a bad time server does. */
  wallOffsetMs = 0

  constructor(factor: number, startAtMs = Date.now()) {
    this.#factor = factor
    this.#startAtMs = startAtMs
  }

  nowMs(): number {
    return Math.round(this.#startAtMs + this.monotonicMs() + this.wallOffsetMs)
  }

  /** The time of somebody whose clock is right. */
  trueMs(): number {
    return Math.round(this.#startAtMs + this.monotonicMs())
  }

  monotonicMs(): number {
    return (performance.now() - this.#startedAt) * this.#factor
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return delay(durationMs / this.#factor, undefined, signal === undefined ? {} : { signal })
  }
}

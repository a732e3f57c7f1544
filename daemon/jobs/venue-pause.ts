import { minuteMs } from '#core/base/time/units'

const longestMs = 5 * minuteMs

/**
 * How long a venue, or one of its series, is not asked: no pause after the first failure, then a minute more each time.
 */
export class VenuePause {
  #failures = 0
  #untilMs = Number.NEGATIVE_INFINITY

  isOver(nowMs: number): boolean {
    return nowMs >= this.#untilMs
  }

  fail(nowMs: number, retryAfterMs = 0): void {
    const ownMs = Math.min(longestMs, this.#failures * minuteMs)
    this.#failures += 1
    this.#untilMs = nowMs + Math.max(ownMs, retryAfterMs)
  }

  succeed(): void {
    this.#failures = 0
    this.#untilMs = Number.NEGATIVE_INFINITY
  }
}

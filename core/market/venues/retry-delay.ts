import type { Rng } from '#core/base/random/rng'

export interface RetryDelays {
  readonly firstMs: number
  readonly maxMs: number
}

/**
 * Doubles with every failure in a row, drawn from the upper half, so that many miners do not return at the same time.
 */
export function retryDelayMs(delays: RetryDelays, failuresInRow: number, rng: Rng, retryAfterMs = 0): number {
  const ceilingMs = Math.min(delays.maxMs, delays.firstMs * 2 ** Math.min(Math.max(failuresInRow, 1) - 1, 30))
  const jitteredMs = ceilingMs * (0.5 + rng.next() / 2)
  return Math.max(delays.firstMs, jitteredMs, retryAfterMs)
}

import type { Clock } from './clock.ts'

/**
 * A faster copy of another clock: `speed` seconds pass in one of its seconds, from `startAtMs` on. Durations of sleep
 * and `monotonicMs` are in the fast time, so everything that takes a Clock works in it without a change.
 */
export class ScaledClock implements Clock {
  readonly speed: number
  readonly startAtMs: number
  readonly #base: Clock
  readonly #baseStartMs: number

  constructor(base: Clock, options: { startAtMs: number; speed: number }) {
    this.speed = options.speed
    this.#base = base
    this.startAtMs = options.startAtMs
    this.#baseStartMs = base.monotonicMs()
  }

  nowMs(): number {
    // Whole milliseconds, as records have them.
    return Math.floor(this.startAtMs + this.monotonicMs())
  }

  monotonicMs(): number {
    return (this.#base.monotonicMs() - this.#baseStartMs) * this.speed
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return this.#base.sleep(durationMs / this.speed, signal)
  }
}

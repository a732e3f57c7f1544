import type { Clock } from '#core/base/time/clock'

interface Sleeper {
  readonly wakeAtMs: number
  readonly wake: () => void
}

/** Time that moves only when the test says so. */
export class TestClock implements Clock {
  #nowMs: number
  readonly #startedAtMs: number
  #sleepers: Sleeper[] = []

  constructor(startAtMs = Date.UTC(2026, 8, 22, 12)) {
    this.#nowMs = startAtMs
    this.#startedAtMs = startAtMs
  }

  nowMs(): number {
    return this.#nowMs
  }

  monotonicMs(): number {
    return this.#nowMs - this.#startedAtMs
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason)
      const onAbort = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper)
        reject(signal?.reason)
      }
      const wake = () => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }
      const sleeper = { wakeAtMs: this.#nowMs + durationMs, wake }
      this.#sleepers.push(sleeper)
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  /** Wakes the sleepers whose time has come, in the order of their times, and lets their work run in between. */
  async advance(durationMs: number): Promise<void> {
    const until = this.#nowMs + durationMs
    for (;;) {
      const next = this.#sleepers
        .filter((sleeper) => sleeper.wakeAtMs <= until)
        .sort((a, b) => a.wakeAtMs - b.wakeAtMs)[0]
      if (next === undefined) break
      this.#sleepers = this.#sleepers.filter((sleeper) => sleeper !== next)
      this.#nowMs = Math.max(this.#nowMs, next.wakeAtMs)
      next.wake()
      await new Promise((resolve) => setImmediate(resolve))
    }
    this.#nowMs = until
    await new Promise((resolve) => setImmediate(resolve))
  }
}

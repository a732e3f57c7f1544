import type { Clock } from '#core/base/time/clock'

/**
 * The last seconds before are left out: a miner dates prices that do not change by when it saw them first, and could
 * take those of the instant for older ones. Less than it lets a venue's clock be ahead.
 */
const jumpMs = 4_000

/**
 * The time of the venues: that of everybody else until they are told to stand still. They then answer the same whenever
 * they are asked, so what a prompt is answered from does not depend on how fast this machine is.
 */
export class MarketTime implements Clock {
  readonly #clock: Clock
  #stillAtMs = Number.POSITIVE_INFINITY

  constructor(clock: Clock) {
    this.#clock = clock
  }

  nowMs(): number {
    const nowMs = this.#clock.nowMs()
    return nowMs >= this.#stillAtMs - jumpMs ? this.#stillAtMs : nowMs
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs()
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return this.#clock.sleep(durationMs, signal)
  }

  /** From this instant on; infinity: never. Later than the last one, because no venue's time goes back. */
  standStillAt(atMs: number): void {
    this.#stillAtMs = atMs
  }
}

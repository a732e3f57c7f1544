import type { SplitMix64 } from '#core/base/random/rng'

/**
 * Which windows a step trains on. Rounds over all windows, each in an order of its own, are joined to one endless row, and
 * step after step takes the next ones. A function of the seed and the step alone, so a resumed training needs no state.
 */
export class BatchOrder {
  readonly #seed: SplitMix64
  readonly #count: number
  #round = -1
  readonly #order: Uint32Array

  constructor(seed: SplitMix64, windowCount: number) {
    this.#seed = seed
    this.#count = windowCount
    this.#order = new Uint32Array(windowCount)
  }

  windowsOf(step: number, batch: number): number[] {
    return Array.from({ length: batch }, (_, i) => this.#windowAt(step * batch + i))
  }

  #windowAt(place: number): number {
    const round = Math.floor(place / this.#count)
    if (round !== this.#round) this.#shuffle(round)
    return this.#order[place - round * this.#count]!
  }

  /** Fisher and Yates. */
  #shuffle(round: number): void {
    const rng = this.#seed.fork(`round ${round}`)
    for (let i = 0; i < this.#count; i += 1) {
      const j = Math.floor(rng.next() * (i + 1))
      this.#order[i] = this.#order[j]!
      this.#order[j] = i
    }
    this.#round = round
  }
}

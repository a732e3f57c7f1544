/** Running means of a series in which some values are not known (NaN): those count for nothing. */
export class KnownMeans {
  readonly #sums: Float64Array
  readonly #counts: Float64Array

  constructor(count: number, value: (i: number) => number) {
    this.#sums = new Float64Array(count + 1)
    this.#counts = new Float64Array(count + 1)
    for (let i = 0; i < count; i += 1) {
      const own = value(i)
      const isKnown = !Number.isNaN(own)
      this.#sums[i + 1] = this.#sums[i]! + (isKnown ? own : 0)
      this.#counts[i + 1] = this.#counts[i]! + (isKnown ? 1 : 0)
    }
  }

  /** Of the `count` values up to `last`; NaN if none is known. */
  mean(last: number, count: number): number {
    const from = last + 1 - count
    return (this.#sums[last + 1]! - this.#sums[from]!) / (this.#counts[last + 1]! - this.#counts[from]!)
  }
}

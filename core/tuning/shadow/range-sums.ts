const blockSize = 64

/**
 * Sums of any stretch of an array, from sums of its blocks. Differences of running sums would be less work, but one huge
 * score of a miner would spoil all sums after it.
 */
export class RangeSums {
  readonly #values: Float64Array
  readonly #blocks: Float64Array

  constructor(values: Float64Array) {
    this.#values = values
    this.#blocks = new Float64Array(Math.ceil(values.length / blockSize))
    for (let i = 0; i < values.length; i += 1) this.#blocks[Math.floor(i / blockSize)]! += values[i]!
  }

  /** From `from`, before `to`. */
  sum(from: number, to: number): number {
    let total = 0
    let i = from
    while (i < to) {
      if (i % blockSize === 0 && i + blockSize <= to) {
        total += this.#blocks[i / blockSize]!
        i += blockSize
      } else {
        total += this.#values[i]!
        i += 1
      }
    }
    return total
  }
}

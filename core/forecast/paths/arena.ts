/** Hands out consecutive pieces of one workspace, each on its own cache line. */
export class Arena {
  readonly #space: Float64Array
  #next = 0

  constructor(space: Float64Array) {
    this.#space = space
  }

  take(length: number): Float64Array {
    const piece = this.#space.subarray(this.#next, this.#next + length)
    if (piece.length !== length) throw new RangeError(`The workspace is ${length - piece.length} doubles too small.`)
    this.#next += wholeLines(length)
    return piece
  }

  columns(count: number, length: number): Float64Array[] {
    return Array.from({ length: count }, () => this.take(length))
  }
}

const doublesPerLine = 8

export function wholeLines(length: number): number {
  return Math.ceil(length / doublesPerLine) * doublesPerLine
}

/** An odd number of cache lines, so that neighbouring columns do not use the same sets of a cache. */
export function columnStride(length: number): number {
  return (Math.ceil(length / doublesPerLine) | 1) * doublesPerLine
}

import type { MinuteWindow } from './recent-closes.ts'

/** Below this a minute did not move; the log of its variance would show rounding, not the market. */
export const leastMinuteVariance = 1e-11

/** Sums over the minutes of a window, so that every feature of every row is a difference of two sums. */
export class MinuteFacts {
  readonly #logCloses: Float64Array
  /** Entry i: over the minutes before i. */
  readonly #squares: Float64Array
  readonly #upSquares: Float64Array
  readonly #downSquares: Float64Array
  readonly #moves: Float64Array
  readonly #known: Float64Array

  constructor({ closes }: Pick<MinuteWindow, 'closes'>) {
    const count = closes.length
    this.#logCloses = new Float64Array(count)
    this.#squares = new Float64Array(count + 1)
    this.#upSquares = new Float64Array(count + 1)
    this.#downSquares = new Float64Array(count + 1)
    this.#moves = new Float64Array(count + 1)
    this.#known = new Float64Array(count + 1)
    // Before the first close there is no move either.
    let last = Math.log(closes.find((close) => close > 0) ?? Number.NaN)
    for (let i = 0; i < count; i += 1) {
      const isKnown = closes[i]! > 0
      const log = isKnown ? Math.log(closes[i]!) : last
      // A hole has no moves, and the move across it took longer than a minute.
      const isMove = isKnown && i > 0 && closes[i - 1]! > 0
      this.#logCloses[i] = log
      this.#squares[i + 1] = this.#squares[i]! + (isMove ? (log - last) ** 2 : 0)
      this.#upSquares[i + 1] = this.#upSquares[i]! + (isMove && log > last ? (log - last) ** 2 : 0)
      this.#downSquares[i + 1] = this.#downSquares[i]! + (isMove && log < last ? (log - last) ** 2 : 0)
      this.#moves[i + 1] = this.#moves[i]! + (isMove ? 1 : 0)
      this.#known[i + 1] = this.#known[i]! + (isKnown ? 1 : 0)
      last = log
    }
  }

  get count(): number {
    return this.#logCloses.length
  }

  get moves(): number {
    return this.#moves.at(-1)!
  }

  get unknownShare(): number {
    return 1 - this.#known.at(-1)! / this.count
  }

  /** The last close known at the end of this minute. */
  logClose(minute: number): number {
    return this.#logCloses[minute]!
  }

  /** Share of the `count` minutes up to this one that have a close. */
  knownShare(minute: number, count: number): number {
    return (this.#known[minute + 1]! - this.#known[minute + 1 - count]!) / count
  }

  /** Of the `count` moves that end with this minute; if none of them is known, of all moves. */
  logRealisedVariance(minute: number, count: number): number {
    return this.#logMean(this.#squares, minute, count)
  }

  /** The same of the moves up or down alone; the others count as 0. */
  logSemivariance(side: 'up' | 'down', minute: number, count: number): number {
    return this.#logMean(side === 'up' ? this.#upSquares : this.#downSquares, minute, count)
  }

  /** Mean square of the moves that end with these minutes, both included; NaN if none is known. */
  meanSquare(first: number, last: number): number {
    const moves = this.#moves[last + 1]! - this.#moves[first]!
    return moves > 0 ? (this.#squares[last + 1]! - this.#squares[first]!) / moves : Number.NaN
  }

  #logMean(squares: Float64Array, minute: number, count: number): number {
    const from = minute + 1 - count
    const moves = this.#moves[minute + 1]! - this.#moves[from]!
    const variance = moves > 0 ? (squares[minute + 1]! - squares[from]!) / moves : squares.at(-1)! / this.moves
    return Math.log(Math.max(variance, leastMinuteVariance))
  }
}

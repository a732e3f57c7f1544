import type { MinuteCandle } from '../venues/minute-history.ts'

/*
 * What is known of a minute besides its close. Prices are kept as shares of the close in single precision: half the room,
 * and exact to a hundred-millionth of a move. A candle has no meaning without its close, and none is made up.
 */

/** One value per minute, NaN where it is not known. */
export interface CandleColumns {
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly volume: Float64Array
}

/** Rows of these, in any order: the minute's open time, then open, high and low over the close less 1, then volume. */
export const candleFields = 5

export const hourMinutes = 60
const fieldsPerMinute = candleFields - 1

/** The row of a candle; undefined if it is impossible or not complete. */
export function candleRow({ openAtMs, open, high, low, volume }: MinuteCandle, close: number): number[] | undefined {
  if (!(low > 0 && low <= Math.min(open, close) && high >= Math.max(open, close))) return undefined
  const share = (price: number): number => Math.fround(price / close - 1)
  return [openAtMs, share(open), share(high), share(low), volume >= 0 ? Math.fround(volume) : Number.NaN]
}

export function unknownCandles(count: number): CandleColumns {
  const column = (): Float64Array => new Float64Array(count).fill(Number.NaN)
  return { open: column(), high: column(), low: column(), volume: column() }
}

/** Puts the candle that begins at `fields[at]` at its place. */
export function restoreCandle(
  columns: CandleColumns,
  place: number,
  close: number,
  fields: Float32Array | Float64Array,
  at: number,
): void {
  columns.open[place] = close * (1 + fields[at]!)
  columns.high[place] = close * (1 + fields[at + 1]!)
  columns.low[place] = close * (1 + fields[at + 2]!)
  columns.volume[place] = fields[at + 3]!
}

/** The stored form: the hours of one series, four numbers for each minute, NaN for one that is not known. */
export class CandleHour {
  readonly #fields: Float32Array

  constructor(bytes?: Uint8Array) {
    this.#fields = new Float32Array(hourMinutes * fieldsPerMinute)
    if (bytes === undefined) this.#fields.fill(Number.NaN)
    else new Uint8Array(this.#fields.buffer).set(bytes)
  }

  get bytes(): Uint8Array {
    return new Uint8Array(this.#fields.buffer)
  }

  isKnown(minute: number): boolean {
    return !Number.isNaN(this.#fields[minute * fieldsPerMinute]!)
  }

  /** From a row of candles that begins at `at`; false if one is known already. */
  add(minute: number, rows: Float64Array, at: number): boolean {
    if (this.isKnown(minute)) return false
    this.#fields.set(rows.subarray(at + 1, at + candleFields), minute * fieldsPerMinute)
    return true
  }

  /** False if none was known. */
  forget(minute: number): boolean {
    if (!this.isKnown(minute)) return false
    this.#fields.fill(Number.NaN, minute * fieldsPerMinute, (minute + 1) * fieldsPerMinute)
    return true
  }

  restore(minute: number, columns: CandleColumns, place: number, close: number): void {
    restoreCandle(columns, place, close, this.#fields, minute * fieldsPerMinute)
  }
}

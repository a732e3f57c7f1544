import { dayMs, minuteMs } from '#core/base/time/units'
import type { MinuteCandle } from '../venues/minute-history.ts'
import { candleRow } from './minute-candles.ts'
import { dayOf, gapSlot, newDay, slotOf, unknownSlot } from './minute-day.ts'

/** What one source says about the minutes of one series, collected before it is written at once. */
export class MinuteBatch {
  readonly #days = new Map<number, Float64Array>()
  #day = Number.NaN
  #slots: Float64Array = newDay()
  readonly #candles: number[] = []
  closes = 0
  gaps = 0
  /** Infinity and -Infinity while empty. */
  firstMs = Number.POSITIVE_INFINITY
  lastMs = Number.NEGATIVE_INFINITY

  get isEmpty(): boolean {
    return this.closes + this.gaps === 0
  }

  get days(): ReadonlyMap<number, Float64Array> {
    return this.#days
  }

  /** Rows as minute-candles.ts describes them. */
  get candles(): Float64Array {
    return Float64Array.from(this.#candles)
  }

  /** For a minute whose close is set. An impossible candle is left out: its close may be right. */
  addCandle(candle: MinuteCandle, close: number): void {
    const row = candleRow(candle, close)
    if (row !== undefined) this.#candles.push(...row)
  }

  setClose(openAtMs: number, close: number): void {
    if (!(close > 0 && close < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`the close of a minute must be finite and positive, not ${close}`)
    }
    this.#set(openAtMs, close)
    this.closes += 1
  }

  /** The venue says that it has no candle for this minute. */
  declareGap(openAtMs: number): void {
    this.#set(openAtMs, gapSlot)
    this.gaps += 1
  }

  /** Declares a gap for every minute without a close between the first and the last. */
  declareGapsInside(): void {
    for (let atMs = this.firstMs; atMs <= this.lastMs; atMs += minuteMs) {
      if ((this.#days.get(dayOf(atMs))?.[slotOf(atMs)] ?? unknownSlot) === unknownSlot) this.declareGap(atMs)
    }
  }

  #set(openAtMs: number, value: number): void {
    const day = dayOf(openAtMs)
    if (day !== this.#day) {
      this.#slots = this.#days.get(day) ?? newDay()
      this.#days.set(day, this.#slots)
      this.#day = day
    }
    const slot = (openAtMs - day * dayMs) / minuteMs
    if (!Number.isInteger(slot)) throw new RangeError(`a minute must open on the minute, not at ${openAtMs} ms`)
    if (this.#slots[slot] !== unknownSlot) throw new RangeError(`the minute at ${openAtMs} ms is set already`)
    this.#slots[slot] = value
    if (openAtMs < this.firstMs) this.firstMs = openAtMs
    if (openAtMs > this.lastMs) this.lastMs = openAtMs
  }
}

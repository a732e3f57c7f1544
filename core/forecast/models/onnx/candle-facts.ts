import type { CandleColumns } from '#core/market/minutes/minute-candles'
import type { MinuteWindow } from './recent-closes.ts'

/** The candles of a window: what is known of each minute beside its close. */
export class CandleFacts {
  readonly #window: MinuteWindow
  readonly #candles: CandleColumns | undefined

  constructor(window: MinuteWindow) {
    this.#window = window
    this.#candles = window.candles
  }

  /** Undefined: not all of its prices are known. */
  candle(minute: number): Candle | undefined {
    const candles = this.#candles
    const close = this.#window.closes[minute]!
    if (candles === undefined || !(close > 0)) return undefined
    const [open, high, low] = [candles.open[minute]!, candles.high[minute]!, candles.low[minute]!]
    return open > 0 && high > 0 && low > 0 ? { open, high, low, close } : undefined
  }

  /** NaN: not known. */
  volume(minute: number): number {
    return this.#candles?.volume[minute] ?? Number.NaN
  }

  /** NaN: not known. */
  close(minute: number): number {
    const close = this.#window.closes[minute] ?? Number.NaN
    return close > 0 ? close : Number.NaN
  }
}

export interface Candle {
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
}

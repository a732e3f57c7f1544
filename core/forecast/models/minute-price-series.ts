import { minuteMs } from '#core/base/time/units'
import type { CandleColumns } from '#core/market/minutes/minute-candles'
import type { MinuteReader, MinuteSeries, SeriesSummary } from '#core/market/minutes/minute-store'
import type { MarketSeries, PriceSeriesSource } from './price-series-source.ts'

export type StoredMinutes = Pick<MinuteReader, 'readCloses' | 'readCandles' | 'listSeries'>

const barMinutes = 5

/** The minutes that the daemon recorded, on the grids of the two horizons, as its states read them. */
export class MinutePriceSeries implements PriceSeriesSource {
  readonly #store: StoredMinutes
  readonly #seriesOf: (asset: string) => MinuteSeries | undefined

  /** `seriesOf`: the series that the asset is scored from. */
  constructor(store: StoredMinutes, seriesOf: (asset: string) => MinuteSeries | undefined) {
    this.#store = store
    this.#seriesOf = seriesOf
  }

  listAssets(): readonly string[] {
    const assets = this.#store.listSeries().map(({ asset }) => asset)
    return [...new Set(assets)].filter((asset) => this.#find(asset) !== undefined).sort()
  }

  /** The last close of each five minutes, at the time at which they end. */
  readLow(asset: string): MarketSeries | undefined {
    const minutes = this.#read(asset)
    if (minutes === undefined) return undefined
    const barMs = barMinutes * minuteMs
    const firstBar = Math.floor(minutes.fromMs / barMs)
    const lastBar = Math.floor(minutes.toMs / barMs)
    const closes = new Float64Array(lastBar - firstBar + 1).fill(Number.NaN)
    minutes.closes.forEach((close, i) => {
      if (close > 0) closes[Math.floor((minutes.fromMs + i * minuteMs) / barMs) - firstBar] = close
    })
    // The bar at the end may not be complete yet.
    const isFull = (minutes.toMs + minuteMs) % barMs === 0
    const kept = isFull ? closes : closes.slice(0, -1)
    return { series: { startAtMs: (firstBar + 1) * barMs, stepSeconds: barMs / 1000, closes: kept }, unseenSteps: 0 }
  }

  /** The price of an instant is the close of the minute that opens there. */
  readHigh(asset: string): MarketSeries | undefined {
    const minutes = this.#read(asset)
    if (minutes === undefined) return undefined
    return {
      series: { startAtMs: minutes.fromMs, stepSeconds: minuteMs / 1000, closes: minutes.closes },
      unseenSteps: 1,
    }
  }

  /** What is known of the minutes of `readHigh` besides their closes. */
  readCandles(asset: string): CandleColumns | undefined {
    const stored = this.#find(asset)
    return stored === undefined ? undefined : this.#store.readCandles(stored, stored.firstMs, stored.lastMs)
  }

  #read(asset: string): { readonly fromMs: number; readonly toMs: number; readonly closes: Float64Array } | undefined {
    const stored = this.#find(asset)
    if (stored === undefined) return undefined
    const { firstMs: fromMs, lastMs: toMs } = stored
    return { fromMs, toMs, closes: this.#store.readCloses(stored, fromMs, toMs) }
  }

  #find(asset: string): SeriesSummary | undefined {
    const wanted = this.#seriesOf(asset)
    return this.#store
      .listSeries()
      .find((one) => one.asset === asset && one.venue === wanted?.venue && one.symbol === wanted.symbol)
  }
}

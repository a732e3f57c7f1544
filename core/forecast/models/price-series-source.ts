import type { PriceSeries } from '../volatility/price-series.ts'

export interface MarketSeries {
  readonly series: PriceSeries
  /** How many of the last grid prices are not known yet at the start of a prompt. */
  readonly unseenSteps: 0 | 1
}

/** Recorded prices on the grids of the two horizons: a folder of files, or the minute store. */
export interface PriceSeriesSource {
  listAssets(): readonly string[]
  /** Five minutes. */
  readLow(asset: string): MarketSeries | undefined
  /** One minute. */
  readHigh(asset: string): MarketSeries | undefined
}

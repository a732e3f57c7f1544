/** One market on a regular grid, the one form of all sources. */
export interface BarSeries {
  readonly asset: string
  readonly stepSeconds: number
  /** When the first bar opens. */
  readonly firstOpenMs: number
  /** NaN where there is no bar; the columns besides `close` are all NaN where the source has closes only. */
  readonly close: Float64Array
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly volume: Float64Array
  /** Bars at which another venue or a later stretch of data begins, ascending, the first one included. */
  readonly segmentStarts: readonly number[]
  /** Of a made market: the variance of the log-return that ends with each bar. */
  readonly trueVariance?: Float64Array
}

export const barColumns = ['close', 'open', 'high', 'low', 'volume'] as const
export type BarColumn = (typeof barColumns)[number]

export function stepMsOf({ stepSeconds }: Pick<BarSeries, 'stepSeconds'>): number {
  return stepSeconds * 1000
}

/**
 * The bar whose close is the price of an instant, as the calibrated model takes it: with one-minute bars the one that opens
 * there, which is the network's rule, with longer ones the one that ends there. NaN off the grid; may lie outside.
 */
export function barOfInstant(series: BarSeries, atMs: number): number {
  const place = (atMs - series.firstOpenMs) / stepMsOf(series)
  if (!Number.isInteger(place)) return Number.NaN
  return series.stepSeconds === 60 ? place : place - 1
}

/** The first bar after the segment of this one. */
export function segmentEnd({ segmentStarts, close }: BarSeries, bar: number): number {
  return segmentStarts.find((start) => start > bar) ?? close.length
}

import type { MarketFeed } from './market-feed.ts'
import { minuteMs } from './minute-history.ts'

/** Minute closes of one asset: ascending whole minutes, finite positive closes. */
export interface MinuteSeries {
  readonly openAtMs: Float64Array
  readonly close: Float64Array
}

/**
 * Recorded minutes as a market. A candle is served exactly as recorded or not at all. Between two closes one minute
 * apart the price runs along the straight line of logarithms; where the next minute is missing the last close stands
 * until its minute is over, and after that there is no price.
 */
export class RecordedFeed implements MarketFeed {
  readonly #series: ReadonlyMap<string, MinuteSeries>

  constructor(series: ReadonlyMap<string, MinuteSeries>) {
    this.#series = series
  }

  assets(): readonly string[] {
    return [...this.#series.keys()]
  }

  minuteClose(asset: string, minuteOpenMs: number): number | undefined {
    const series = this.#series.get(asset)
    if (series === undefined) return undefined
    const index = indexOf(series.openAtMs, minuteOpenMs)
    return index === -1 ? undefined : series.close[index]
  }

  priceAt(asset: string, atMs: number): number | undefined {
    const openMs = Math.floor(atMs / minuteMs) * minuteMs
    const before = this.minuteClose(asset, openMs - minuteMs)
    const after = this.minuteClose(asset, openMs)
    const share = (atMs - openMs) / minuteMs
    if (before === undefined) return share > 0 ? after : undefined
    if (after === undefined || share === 0) return before
    return before * (after / before) ** share
  }

  /** The time that all given assets have in common; undefined when there is none. */
  span(assets: readonly string[] = this.assets()): { fromMs: number; toMs: number } | undefined {
    let fromMs = Number.NEGATIVE_INFINITY
    let toMs = Number.POSITIVE_INFINITY
    for (const asset of assets) {
      const openAtMs = this.#series.get(asset)?.openAtMs
      if (openAtMs === undefined || openAtMs.length === 0) return undefined
      fromMs = Math.max(fromMs, openAtMs[0]!)
      toMs = Math.min(toMs, openAtMs[openAtMs.length - 1]!)
    }
    return fromMs <= toMs && Number.isFinite(fromMs) ? { fromMs, toMs } : undefined
  }
}

function indexOf(sorted: Float64Array, value: number): number {
  let low = 0
  let high = sorted.length - 1
  while (low <= high) {
    const middle = (low + high) >>> 1
    const found = sorted[middle]!
    if (found === value) return middle
    if (found < value) low = middle + 1
    else high = middle - 1
  }
  return -1
}

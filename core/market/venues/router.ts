import type { PriceSourceLookup } from './price-sources.ts'
import type { VenueSymbol } from './venue.ts'

/** By asset: the series to serve from when the scored series is silent, best first. */
export type ServingFallbacks = Readonly<Record<string, readonly VenueSymbol[]>>

export interface PriceRouter {
  /** The one series that counts for scoring at that time. It has no fallback: a wrong truth is worse than none. */
  scored(asset: string, scoredAtMs: number): VenueSymbol | undefined
  /** The sources of today's price, in order: the scored series first, then the fallbacks. */
  serving(asset: string, atMs: number): readonly VenueSymbol[]
}

export function createPriceRouter(options: { scored: PriceSourceLookup; fallbacks: ServingFallbacks }): PriceRouter {
  return {
    scored: options.scored,
    serving(asset, atMs) {
      const scored = options.scored(asset, atMs)
      const fallbacks = Object.hasOwn(options.fallbacks, asset) ? (options.fallbacks[asset] ?? []) : []
      const candidates = scored === undefined ? fallbacks : [latestSeriesOf(scored), ...fallbacks]
      const seen = new Set<string>()
      return candidates.filter((candidate) => {
        const key = seriesKey(candidate)
        return seen.has(key) ? false : seen.add(key)
      })
    },
  }
}

export function seriesKey({ venue, symbol }: VenueSymbol): string {
  return `${venue} ${symbol}`
}

/** Pyth's history hosts give no current price; Hermes gives it under the same names. */
function latestSeriesOf(series: VenueSymbol): VenueSymbol {
  const isPythHistory = series.venue === 'pythBenchmarks' || series.venue === 'pythPro'
  return isPythHistory ? { venue: 'pythHermes', symbol: series.symbol } : series
}

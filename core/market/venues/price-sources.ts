import type { RegimeBook } from '#core/synth/regimes/book'
import { findPriceSource } from '#core/synth/regimes/prediction'
import type { PriceSource, Regime, Settlement } from '#core/synth/regimes/regime'
import { type Candidates, findCandidates } from '#core/synth/regimes/timeline'
import type { VenueSymbol } from './venue.ts'

/**
 * The series that the validator scores an asset from, at the time of scoring. The regime book answers this; undefined:
 * the asset is not scored at that time.
 */
export type PriceSourceLookup = (asset: string, scoredAtMs: number) => VenueSymbol | undefined

export interface ScoredSource {
  readonly regimeId: string
  readonly series: VenueSymbol
  readonly settlement: Settlement
}

export type ScoredSourceLookup = (asset: string, scoredAtMs: number, startAtMs: number) => ScoredSource | undefined

export type PythHistory = 'pythBenchmarks' | 'pythPro'

export interface ScoredSourceOptions {
  /**
   * Which of Pyth's two history hosts to use for "Pyth": validators were free to choose, and one of them is retired.
   */
  readonly pythHistory: PythHistory
  /** A regime by name, whatever the date. */
  readonly regime?: string | undefined
}

/**
 * If a switch is not dated to the hour, the regime of the date decides if it scores the asset; otherwise the one that
 * may be effective and does.
 */
export function createScoredSources(book: RegimeBook, options: ScoredSourceOptions): ScoredSourceLookup {
  return (asset, scoredAtMs, startAtMs) => {
    const candidates = candidatesAt(book, scoredAtMs, options.regime)
    if (candidates === undefined) return undefined
    const regimes = [candidates.decided, ...candidates.regimes]
    for (const regime of regimes) {
      const series = seriesIn(regime, asset, startAtMs, options)
      if (series !== undefined) return { regimeId: regime.id, series, settlement: regime.settlement }
    }
    return undefined
  }
}

/** The same for today's prices. It is asked at every reading, so one answer is kept while the second is the same. */
export function createPriceSourceLookup(sources: ScoredSourceLookup): PriceSourceLookup {
  let atMs = Number.NaN
  let known = new Map<string, VenueSymbol | undefined>()
  return (asset, scoredAtMs) => {
    // A regime begins at a whole second: within a second nothing changes.
    const secondMs = Math.floor(scoredAtMs / 1000) * 1000
    if (secondMs !== atMs) {
      atMs = secondMs
      known = new Map()
    }
    if (!known.has(asset)) known.set(asset, sources(asset, secondMs, secondMs)?.series)
    return known.get(asset)
  }
}

function seriesIn(
  regime: Regime,
  asset: string,
  startAtMs: number,
  options: ScoredSourceOptions,
): VenueSymbol | undefined {
  const source = findPriceSource(regime, asset, startAtMs)
  if (source === undefined || source.symbol === 'unknown') return undefined
  return { venue: venueOf(source, options), symbol: source.symbol }
}

function venueOf(source: PriceSource, options: ScoredSourceOptions): VenueSymbol['venue'] {
  const isPyth = source.venue === 'pythBenchmarks' || source.venue === 'pythPro'
  const isFree = source.venue === options.pythHistory || source.alternatives.includes(options.pythHistory)
  return isPyth && isFree ? options.pythHistory : source.venue
}

/** Before the first known regime nothing is scored. */
function candidatesAt(book: RegimeBook, scoredAtMs: number, regime: string | undefined): Candidates | undefined {
  const first = book.timelines.score[0]
  if (regime === undefined && (first === undefined || scoredAtMs < first.atMs)) return undefined
  return findCandidates(book, 'score', scoredAtMs, regime)
}

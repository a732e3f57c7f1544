import type { RegimeBook } from '../regimes/book.ts'
import { resolveScoringRules } from '../regimes/resolve.ts'
import type { PriceSourceLookup } from './price-sources.ts'
import type { VenueSymbol } from './venue.ts'

/** The last prompt that starts before a source's end is scored a day and a settlement gate later. */
const lastPromptScoredAfterMs = 25 * 3_600_000

/** The validator's own series of an asset, by the rules that hold when it is scored. */
export function scoredSourceOf(book: RegimeBook): PriceSourceLookup {
  return (asset, scoredAtMs): VenueSymbol | undefined => {
    const { priceSources } = resolveScoringRules(book, { scoringAtMs: scoredAtMs })
    if (!Object.hasOwn(priceSources, asset)) return undefined
    const { venue, symbol, until } = priceSources[asset]!
    if (until !== null && Date.parse(until.at) + lastPromptScoredAfterMs <= scoredAtMs) return undefined
    return { venue, symbol }
  }
}

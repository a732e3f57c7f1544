import type { VenueSymbol } from './venue.ts'

/**
 * Which series the validator scores an asset from, at the moment of scoring. The regime book answers this;
 * undefined: the asset is not scored at that time.
 */
export type PriceSourceLookup = (asset: string, scoredAtMs: number) => VenueSymbol | undefined

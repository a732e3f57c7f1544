import type { VenueFailure, VenueId } from './venue.ts'

/**
 * A price as a venue gave it: finite and positive, not yet checked for age, confidence or jumps (price-gate.ts does
 * that).
 */
export interface PriceQuote {
  readonly ok: true
  readonly venue: VenueId
  readonly symbol: string
  readonly priceUsd: number
  /** The venue's own time of this price; if the venue gives none, the time when its answer last changed. */
  readonly publishedAtMs: number
  /** Half-width of the venue's own confidence interval, if it states one. */
  readonly confidenceUsd?: number
}

export type LatestPriceAnswer = PriceQuote | VenueFailure

/** The newest price of several symbols in one call. Never throws; every symbol asked for has an answer. */
export interface LatestPrice {
  readonly venue: VenueId
  fetchLatest(symbols: readonly string[], signal?: AbortSignal): Promise<ReadonlyMap<string, LatestPriceAnswer>>
}

/** Pushes prices as they are published. `run` ends only when the stream does; the caller decides when to call again. */
export interface LatestPriceStream {
  readonly venue: VenueId
  run(symbols: readonly string[], onQuote: (quote: PriceQuote) => void, signal: AbortSignal): Promise<VenueFailure>
}

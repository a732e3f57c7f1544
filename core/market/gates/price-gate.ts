import type { PriceQuote } from '../venues/latest-price.ts'
import { seriesKey } from '../venues/router.ts'
import type { VenueId, VenueSymbol } from '../venues/venue.ts'

/**
 * Checks every price before it may be used, and remembers the last good one of each series. Every price that it returns
 * came from a venue and is at most `maxAgeMs` old. It is never computed, averaged or carried further than that.
 */
export interface PriceLimits {
  /** Older than this a price is neither accepted nor served. */
  readonly maxAgeMs: number
  /** Younger than this, the better venue is served even when a worse one has something newer. */
  readonly freshMs: number
  /** How far ahead of our clock a venue's time may be. */
  readonly maxFutureMs: number
  /** Largest half-width of the confidence interval, as a share of the price. */
  readonly maxConfidenceShare: number
  readonly maxConfidenceShareByAsset: Readonly<Record<string, number>>
  /** A larger move from the last good price is held back until it was seen `jumpSightings` times in a row. */
  readonly maxJumpShare: number
  readonly jumpSightings: number
}

export const defaultPriceLimits: PriceLimits = {
  maxAgeMs: 60_000,
  freshMs: 15_000,
  maxFutureMs: 5_000,
  maxConfidenceShare: 0.01,
  maxConfidenceShareByAsset: {},
  maxJumpShare: 0.2,
  jumpSightings: 3,
}

export const priceRefusals = [
  'stale',
  'future',
  'nonFinite',
  'nonPositive',
  'uncertain',
  'jumpHeld',
  'wrongFeed',
  'outOfOrder',
] as const

export type PriceRefusal = (typeof priceRefusals)[number]
export type PriceVerdict = { readonly accepted: true } | { readonly accepted: false; readonly reason: PriceRefusal }

export interface ServedPrice {
  readonly ok: true
  readonly asset: string
  readonly priceUsd: number
  readonly publishedAtMs: number
  readonly ageMs: number
  readonly venue: VenueId
  readonly symbol: string
  /** `live`: within `freshMs`. `lastGood`: older, within `maxAgeMs`. */
  readonly quality: 'live' | 'lastGood'
  /** Not from the scored series. */
  readonly isFallback: boolean
}

export interface NoPrice {
  readonly ok: false
  readonly asset: string
  readonly reason: 'unavailable'
  readonly lastPublishedAtMs: number | undefined
  readonly lastRefusal: PriceRefusal | undefined
}

export type PriceReading = ServedPrice | NoPrice

export interface RefusalCount {
  readonly venue: VenueId
  readonly asset: string
  readonly reason: PriceRefusal
  readonly count: number
}

interface JumpCandidate {
  readonly quote: PriceQuote
  readonly sightings: number
}

interface GateState {
  readonly lastGood: Map<string, PriceQuote>
  /** The reference for a jump: the last accepted price of any series, or the seed. */
  reference: number | undefined
  candidate: JumpCandidate | undefined
  lastRefusal: PriceRefusal | undefined
}

export class PriceGate {
  readonly #limits: PriceLimits
  readonly #assets = new Map<string, GateState>()
  readonly #refusals = new Map<string, RefusalCount>()

  constructor(limits: PriceLimits = defaultPriceLimits) {
    this.#limits = limits
  }

  /** A close from before the start, so that the first price of a run has a reference. Never served. */
  seedReference(asset: string, priceUsd: number): void {
    const state = this.#state(asset)
    if (Number.isFinite(priceUsd) && priceUsd > 0) state.reference ??= priceUsd
  }

  offer(asset: string, expected: VenueSymbol, quote: PriceQuote, nowMs: number): PriceVerdict {
    const state = this.#state(asset)
    const reason = this.#refusal(asset, state, expected, quote, nowMs)
    if (reason !== undefined) {
      state.lastRefusal = reason
      this.#count(quote.venue, asset, reason)
      return { accepted: false, reason }
    }
    state.lastGood.set(seriesKey(expected), quote)
    state.reference = quote.priceUsd
    state.candidate = undefined
    state.lastRefusal = undefined
    return { accepted: true }
  }

  /** The first series of the list with a fresh price; without one, the youngest price that is young enough. */
  read(asset: string, serving: readonly VenueSymbol[], nowMs: number): PriceReading {
    const state = this.#assets.get(asset)
    let youngest: PriceQuote | undefined
    let isYoungestFallback = false
    for (const [rank, series] of serving.entries()) {
      const quote = state?.lastGood.get(seriesKey(series))
      if (quote === undefined) continue
      if (nowMs - quote.publishedAtMs <= this.#limits.freshMs) return served(asset, quote, rank > 0, 'live', nowMs)
      if (youngest === undefined || quote.publishedAtMs > youngest.publishedAtMs) {
        youngest = quote
        isYoungestFallback = rank > 0
      }
    }
    if (youngest !== undefined && nowMs - youngest.publishedAtMs <= this.#limits.maxAgeMs) {
      return served(asset, youngest, isYoungestFallback, 'lastGood', nowMs)
    }
    return {
      ok: false,
      asset,
      reason: 'unavailable',
      lastPublishedAtMs: youngest?.publishedAtMs,
      lastRefusal: state?.lastRefusal,
    }
  }

  refusalCounts(): RefusalCount[] {
    return [...this.#refusals.values()]
  }

  #refusal(
    asset: string,
    state: GateState,
    expected: VenueSymbol,
    quote: PriceQuote,
    nowMs: number,
  ): PriceRefusal | undefined {
    const limits = this.#limits
    if (quote.venue !== expected.venue || quote.symbol !== expected.symbol) return 'wrongFeed'
    if (!Number.isFinite(quote.priceUsd)) return 'nonFinite'
    if (quote.priceUsd <= 0) return 'nonPositive'
    // Written so that a time that is not a number is refused too.
    if (!(nowMs - quote.publishedAtMs <= limits.maxAgeMs)) return 'stale'
    if (quote.publishedAtMs - nowMs > limits.maxFutureMs) return 'future'
    if (quote.confidenceUsd !== undefined && !(quote.confidenceUsd <= this.#maxConfidenceUsd(asset, quote.priceUsd))) {
      return 'uncertain'
    }
    const before = state.lastGood.get(seriesKey(expected))
    if (before !== undefined && quote.publishedAtMs < before.publishedAtMs) return 'outOfOrder'
    return this.#isHeldJump(state, quote) ? 'jumpHeld' : undefined
  }

  #maxConfidenceUsd(asset: string, priceUsd: number): number {
    const byAsset = this.#limits.maxConfidenceShareByAsset
    const share = Object.hasOwn(byAsset, asset) ? byAsset[asset] : undefined
    return (share ?? this.#limits.maxConfidenceShare) * priceUsd
  }

  #isHeldJump(state: GateState, quote: PriceQuote): boolean {
    if (state.reference === undefined || !this.#isJump(state.reference, quote.priceUsd)) return false
    const before = state.candidate
    if (before === undefined || this.#isJump(before.quote.priceUsd, quote.priceUsd)) {
      state.candidate = { quote, sightings: 1 }
    } else if (isNewSighting(before.quote, quote)) {
      state.candidate = { quote, sightings: before.sightings + 1 }
    }
    return (state.candidate?.sightings ?? 0) < this.#limits.jumpSightings
  }

  #isJump(fromUsd: number, toUsd: number): boolean {
    return Math.abs(toUsd - fromUsd) > this.#limits.maxJumpShare * fromUsd
  }

  #state(asset: string): GateState {
    let state = this.#assets.get(asset)
    if (state === undefined) {
      state = { lastGood: new Map(), reference: undefined, candidate: undefined, lastRefusal: undefined }
      this.#assets.set(asset, state)
    }
    return state
  }

  #count(venue: VenueId, asset: string, reason: PriceRefusal): void {
    const key = `${venue} ${asset} ${reason}`
    const count = (this.#refusals.get(key)?.count ?? 0) + 1
    this.#refusals.set(key, { venue, asset, reason, count })
  }
}

/** Reading one bad price three times does not make it three prices. */
function isNewSighting(before: PriceQuote, quote: PriceQuote): boolean {
  return quote.publishedAtMs > before.publishedAtMs || seriesKey(quote) !== seriesKey(before)
}

function served(
  asset: string,
  quote: PriceQuote,
  isFallback: boolean,
  quality: ServedPrice['quality'],
  nowMs: number,
): ServedPrice {
  const { priceUsd, publishedAtMs, venue, symbol } = quote
  const ageMs = Math.max(0, nowMs - publishedAtMs)
  return { ok: true, asset, priceUsd, publishedAtMs, ageMs, venue, symbol, quality, isFallback }
}

import type { PartHealth } from '#core/base/health/health-board'
import type { VenueHealth } from '#core/market/board/price-board'
import type { PriceReading } from '#core/market/gates/price-gate'

/**
 * The state of the prices in one sentence: which assets have none, which come from a fallback, and which venue is the
 * cause.
 */
export function describePrices(readings: readonly PriceReading[], venues: readonly VenueHealth[]): PartHealth {
  const missing = readings.filter((reading) => !reading.ok)
  const fallbacks = readings.filter((reading) => reading.ok && reading.isFallback)
  const failing = venues.filter((venue) => venue.lastFailure !== undefined)
  const trouble = failing.map(({ venue, lastFailure }) => `${venue} (${lastFailure})`)
  if (missing.length === 0 && fallbacks.length === 0) {
    return { state: 'ok', sentence: `All ${readings.length} assets have a price from the scored venue.` }
  }
  const sentences = [
    missing.length === 0 ? '' : `No usable price of ${namesOf(missing)}.`,
    fallbacks.length === 0 ? '' : `${namesOf(fallbacks)} served from a fallback venue.`,
    trouble.length === 0 ? '' : `Not answering: ${trouble.join(', ')}.`,
  ]
  const sentence = sentences.filter((part) => part !== '').join(' ')
  const hint = hintFor(failing)
  return { state: 'degraded', sentence, ...(hint === undefined ? {} : { hint }) }
}

function namesOf(readings: readonly PriceReading[]): string {
  return readings.map(({ asset }) => asset).join(', ')
}

function hintFor(failing: readonly VenueHealth[]): string | undefined {
  const has = (venue: string, reason: string) =>
    failing.some((state) => state.venue === venue && state.lastFailure === reason)
  if (has('binanceSpot', 'geoBlocked')) return 'Set market.binance.baseUrl to https://data-api.binance.vision.'
  if (has('pythHermes', 'unauthorized')) return 'Set market.pythHermes.apiKey to a key of the Pyth Terminal.'
  if (failing.length > 0 && failing.every(({ lastFailure }) => lastFailure === 'unreachable')) {
    return 'Check the network of this machine.'
  }
  return undefined
}

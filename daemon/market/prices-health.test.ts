import { expect, it } from 'vitest'
import type { VenueHealth } from '#core/market/board/price-board'
import type { PriceReading } from '#core/market/gates/price-gate'
import { describePrices } from './prices-health.ts'

const live = (asset: string, isFallback = false): PriceReading => ({
  ok: true,
  asset,
  priceUsd: 1,
  publishedAtMs: 0,
  ageMs: 0,
  venue: 'binanceSpot',
  symbol: 'x',
  quality: 'live',
  isFallback,
})
const gone = (asset: string): PriceReading => ({
  ok: false,
  asset,
  reason: 'unavailable',
  lastPublishedAtMs: undefined,
  lastRefusal: undefined,
})
const venue = (id: VenueHealth['venue'], lastFailure?: VenueHealth['lastFailure']): VenueHealth => ({
  venue: id,
  via: 'poll',
  failuresInRow: lastFailure === undefined ? 0 : 1,
  lastFailure,
  lastMessage: undefined,
  lastSuccessAtMs: undefined,
})

it('is ok while every asset has its own price, even when a spare venue fails', () => {
  expect(describePrices([live('BTC')], [venue('binanceSpot'), venue('pythHermes', 'unauthorized')])).toEqual({
    state: 'ok',
    sentence: 'All 1 assets have a price from the scored venue.',
  })
})

it('names missing prices, fallback venues, and the venue at fault', () => {
  const health = describePrices([gone('SP500'), live('BTC', true)], [venue('hyperliquidPerp', 'timeout')])
  expect(health).toEqual({
    state: 'degraded',
    sentence: 'No usable price of SP500. BTC served from a fallback venue. Not answering: hyperliquidPerp (timeout).',
  })
})

it.each([
  ['binanceSpot', 'geoBlocked', /data-api[.]binance[.]vision/],
  ['pythHermes', 'unauthorized', /apiKey/],
  ['hyperliquidSpot', 'unreachable', /network/],
] as const)('knows what to do about %s: %s', (id, reason, hint) => {
  expect(describePrices([gone('BTC')], [venue(id, reason)]).hint).toMatch(hint)
})

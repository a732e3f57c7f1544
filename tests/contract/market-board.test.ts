import { expect, it, onTestFinished } from 'vitest'
import { SplitMix64 } from '#core/base/random/rng'
import { MarketConfig } from '#core/market/board/market-config'
import type { LatestPrice } from '#core/market/venues/latest-price'
import { createPriceSourceLookup, createScoredSources } from '#core/market/venues/price-sources'
import type { VenueId } from '#core/market/venues/venue'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { startPriceBoard } from '#daemon/market/start-price-board'
import type { Fault } from '#standins/market/faults'
import { parseFaultScript } from '#standins/market/faults'
import { recordedAssets } from '#tests/support/built-in-assets'
import { type MarketLab, startMarketLab } from '#tests/support/market-lab'
import { TestLogger } from '#tests/support/test-logger'

const minutes = (n: number) => n * 60

/** Half an hour in which every venue has its troubles. */
const script = {
  faults: [
    { venue: 'binanceSpot', kind: 'down', fromSeconds: minutes(2), forSeconds: minutes(3) },
    {
      venue: 'binanceSpot',
      kind: 'rateLimited',
      fromSeconds: minutes(6),
      forSeconds: minutes(1),
      retryAfterSeconds: 20,
    },
    { venue: 'binanceSpot', kind: 'stale', fromSeconds: minutes(8), forSeconds: minutes(3) },
    {
      venue: 'binanceSpot',
      kind: 'badPrice',
      asset: 'BTC',
      value: '-1',
      fromSeconds: minutes(12),
      forSeconds: minutes(2),
    },
    { venue: 'binanceSpot', kind: 'swapped', assets: ['BTC', 'ETH'], fromSeconds: minutes(15), forSeconds: minutes(1) },
    { venue: 'binanceSpot', kind: 'clockOff', offsetSeconds: 90, fromSeconds: minutes(17), forSeconds: minutes(1) },
    { venue: 'hyperliquid', kind: 'garbage', fromSeconds: minutes(3), forSeconds: minutes(2) },
    {
      venue: 'hyperliquid',
      kind: 'swapped',
      assets: ['XAU', 'NVDAX'],
      fromSeconds: minutes(7),
      forSeconds: minutes(2),
    },
    { venue: 'hyperliquid', kind: 'stale', fromSeconds: minutes(11), forSeconds: minutes(3) },
    { venue: 'hyperliquid', kind: 'halfBody', fromSeconds: minutes(16), forSeconds: minutes(1) },
    { venue: 'hyperliquid', kind: 'clockOff', offsetSeconds: -120, fromSeconds: minutes(20), forSeconds: minutes(2) },
    {
      venue: 'pythHermes',
      kind: 'wideConfidence',
      asset: 'XAU',
      share: 0.05,
      fromSeconds: minutes(3),
      forSeconds: minutes(1),
    },
    { venue: 'pythHermes', kind: 'redirect', fromSeconds: minutes(8), forSeconds: minutes(1) },
    { venue: 'coingecko', kind: 'geoBlocked', fromSeconds: 0, forSeconds: minutes(10) },
  ],
}

/** Counts the requests under way, so that the test can let them all end before it moves the time. */
function watch(latest: MarketLab['venues']['latest']) {
  let underWay = 0
  const watched = new Map<VenueId, LatestPrice>()
  for (const [venue, source] of latest) {
    watched.set(venue, {
      venue,
      fetchLatest: async (symbols, signal) => {
        underWay += 1
        try {
          return await source.fetchLatest(symbols, signal)
        } finally {
          underWay -= 1
        }
      },
    })
  }
  const settle = async () => {
    do await new Promise((resolve) => setImmediate(resolve))
    while (underWay > 0)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { watched, settle }
}

it('serves, through half an hour of outages, only prices that the market had, none older than a minute', async () => {
  const faults: Fault[] = parseFaultScript(script, 'the script of this test')
  const lab = await startMarketLab({ faults })
  const { watched, settle } = watch(lab.venues.latest)
  const sources = createScoredSources(buildRegimeBook(builtInRegimes), { pythHistory: 'pythPro' })
  const board = startPriceBoard(
    {
      latest: watched,
      streams: [],
      scored: createPriceSourceLookup(sources),
      clock: lab.clock,
      rng: new SplitMix64(3n),
      log: new TestLogger(),
    },
    MarketConfig.parse({}),
    recordedAssets,
  )
  onTestFinished(() => board.stop())
  await settle()

  const withoutPrice = new Map(recordedAssets.map((asset) => [asset, 0]))
  let readings = 0
  let fromFallback = 0
  for (let second = 0; second < minutes(30); second += 1) {
    await lab.clock.advance(1_000)
    await settle()
    for (const reading of board.readAll()) {
      readings += 1
      if (!reading.ok) {
        withoutPrice.set(reading.asset, withoutPrice.get(reading.asset)! + 1)
        continue
      }
      if (reading.isFallback) fromFallback += 1
      expect(reading.ageMs).toBeLessThanOrEqual(60_000)
      // Times stated in whole seconds leave the price of a second to choose from.
      const truth = lab.market.priceAt(reading.asset, reading.publishedAtMs)!
      expect(Math.abs(reading.priceUsd / truth - 1), `${reading.asset} from ${reading.venue}`).toBeLessThan(5e-5)
    }
  }
  expect(readings).toBe(minutes(30) * recordedAssets.length)
  expect(fromFallback).toBeGreaterThan(100)
  // With three venues behind it, bitcoin always has a price; what has one venue only is honestly unavailable.
  expect(withoutPrice.get('BTC')).toBe(0)
  expect(withoutPrice.get('SP500')).toBeGreaterThan(minutes(2))
  expect(withoutPrice.get('SP500')).toBeLessThan(minutes(11))
  expect(
    board.readAll().every((reading) => reading.ok && !reading.isFallback),
    'in the end all is well',
  ).toBe(true)
  const refused = new Set(board.refusalCounts().map(({ reason }) => reason))
  expect([...refused].sort()).toEqual(expect.arrayContaining(['future', 'stale', 'uncertain']))
}, 60_000)

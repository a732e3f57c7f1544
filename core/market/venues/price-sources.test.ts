import { describe, expect, it } from 'vitest'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { createPriceSourceLookup, createScoredSources } from './price-sources.ts'
import { createPriceRouter } from './router.ts'
import { defaultServingFallbacks } from './serving-fallbacks.ts'

const book = buildRegimeBook(builtInRegimes)
const sources = createScoredSources(book, { pythHistory: 'pythPro' })
const lookup = createPriceSourceLookup(sources)
const june = Date.UTC(2026, 5, 1)
const september = Date.UTC(2026, 8, 22)

describe('the series that counts', () => {
  it.each([
    ['BTC', 'binanceSpot', 'BTCUSDT'],
    ['ETH', 'binanceSpot', 'ETHUSDT'],
    ['SOL', 'binanceSpot', 'SOLUSDT'],
    ['XRP', 'binanceSpot', 'XRPUSDT'],
    ['HYPE', 'hyperliquidSpot', '@107'],
    ['XAU', 'hyperliquidPerp', 'xyz:GOLD'],
    ['NVDAX', 'hyperliquidPerp', 'xyz:NVDA'],
    ['TSLAX', 'hyperliquidPerp', 'xyz:TSLA'],
    ['AAPLX', 'hyperliquidPerp', 'xyz:AAPL'],
    ['GOOGLX', 'hyperliquidPerp', 'xyz:GOOGL'],
    ['SP500', 'hyperliquidPerp', 'xyz:SP500'],
    ['SPCX', 'hyperliquidPerp', 'xyz:SPCX'],
    ['WTIOIL', 'hyperliquidPerp', 'xyz:CL'],
  ])('for %s in September is %s %s', (asset, venue, symbol) => {
    expect(lookup(asset, september)).toEqual({ venue, symbol })
  })

  it('in June is Pyth, from the host that is chosen, and gold is a token', () => {
    expect(lookup('BTC', june)).toEqual({ venue: 'pythPro', symbol: 'Crypto.BTC/USD' })
    expect(lookup('XAU', june)).toEqual({ venue: 'pythPro', symbol: 'Crypto.XAUT/USD' })
    expect(lookup('WTIOIL', june)).toEqual({ venue: 'hyperliquidPerp', symbol: 'xyz:CL' })
    const benchmarks = createScoredSources(book, { pythHistory: 'pythBenchmarks' })
    expect(benchmarks('BTC', june, june)?.series).toEqual({ venue: 'pythBenchmarks', symbol: 'Crypto.BTC/USD' })
  })

  it('of an asset that nobody scores, or before the first rules, does not exist', () => {
    expect(lookup('DOGE', september)).toBeUndefined()
    expect(lookup('constructor', september)).toBeUndefined()
    expect(lookup('BTC', 0)).toBeUndefined()
  })

  it('of a prompt that straddles the move is that of the scoring, with the rules of its settlement', () => {
    const start = Date.UTC(2026, 6, 22, 20)
    const scored = sources('BTC', Date.UTC(2026, 6, 25), start)
    expect(scored).toMatchObject({
      series: { venue: 'binanceSpot' },
      settlement: { gateSeconds: 90, witnessSeconds: 60 },
    })
  })
})

describe('the order of serving', () => {
  const router = createPriceRouter({ scored: lookup, fallbacks: defaultServingFallbacks })

  it('begins with the scored series and never repeats one', () => {
    expect(router.serving('BTC', september).map(({ venue }) => venue)).toEqual([
      'binanceSpot',
      'hyperliquidPerp',
      'pythHermes',
      'coingecko',
    ])
    expect(router.serving('SP500', september)).toEqual([{ venue: 'hyperliquidPerp', symbol: 'xyz:SP500' }])
  })

  it('asks Hermes for what is scored from the history of Pyth', () => {
    expect(router.serving('BTC', june)[0]).toEqual({ venue: 'pythHermes', symbol: 'Crypto.BTC/USD' })
    expect(router.serving('BTC', june)).toHaveLength(3)
  })

  it('has only the scored series for scoring', () => {
    expect(router.scored('BTC', september)).toEqual({ venue: 'binanceSpot', symbol: 'BTCUSDT' })
  })
})

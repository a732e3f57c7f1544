import { expect, it } from 'vitest'
import { buildRegimeBook } from '../regimes/book.ts'
import { builtInRegimes } from '../regimes/table/built-in.ts'
import { scoredSourceOf } from './scored-source.ts'

const sourceOf = scoredSourceOf(buildRegimeBook(builtInRegimes))
const at = (text: string) => Date.parse(text)

it('follows the change of feeds: Pyth before, Binance and Hyperliquid after', () => {
  expect(sourceOf('BTC', at('2026-05-20T00:00:00Z'))?.venue).toBe('pythBenchmarks')
  expect(sourceOf('BTC', at('2026-10-01T00:00:00Z'))).toEqual({ venue: 'binanceSpot', symbol: 'BTCUSDT' })
  expect(sourceOf('HYPE', at('2026-10-01T00:00:00Z'))).toEqual({ venue: 'hyperliquidSpot', symbol: '@107' })
  expect(sourceOf('XAU', at('2026-10-01T00:00:00Z'))).toEqual({ venue: 'hyperliquidPerp', symbol: 'xyz:GOLD' })
})
it('has no source for an asset that is not scored, or no longer', () => {
  expect(sourceOf('DOGE', at('2026-10-01T00:00:00Z'))).toBeUndefined()
  expect(sourceOf('toString', at('2026-10-01T00:00:00Z'))).toBeUndefined()
  expect(sourceOf('SPYX', at('2026-08-15T00:00:00Z'))).toBeUndefined()
})

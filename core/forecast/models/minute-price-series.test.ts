import { describe, expect, it } from 'vitest'
import { minuteMs } from '#core/base/time/units'
import { unknownCandles } from '#core/market/minutes/minute-candles'
import { MinutePriceSeries, type StoredMinutes } from './minute-price-series.ts'

const fromMs = Date.UTC(2026, 0, 5, 0, 3)
const btc = { asset: 'BTC', venue: 'binanceSpot', symbol: 'BTCUSDT' } as const

function storeOf(closes: readonly number[]): StoredMinutes {
  const summary = { ...btc, firstMs: fromMs, lastMs: fromMs + (closes.length - 1) * minuteMs, conflicts: 0 }
  return {
    listSeries: () => [{ ...summary, venue: 'pythPro', symbol: 'other' }, summary],
    readCloses: () => Float64Array.from(closes),
    readCandles: () => unknownCandles(closes.length),
  }
}

describe('MinutePriceSeries', () => {
  const closes = [1, 2, 3, Number.NaN, 5, 6, Number.NaN, 8]
  const prices = new MinutePriceSeries(storeOf(closes), () => btc)
  it('gives each minute its close', () => {
    expect(prices.readHigh('BTC')).toEqual({
      series: { startAtMs: fromMs, stepSeconds: 60, closes: Float64Array.from(closes) },
      unseenSteps: 1,
    })
  })
  it('closes five minutes with the last close in them, at their end, and leaves out what is not full', () => {
    expect(prices.readLow('BTC')).toEqual({
      series: { startAtMs: Date.UTC(2026, 0, 5, 0, 5), stepSeconds: 300, closes: Float64Array.of(2, 6) },
      unseenSteps: 0,
    })
  })
  it('knows only assets whose own series is stored', () => {
    expect(prices.listAssets()).toEqual(['BTC'])
    expect(new MinutePriceSeries(storeOf(closes), () => ({ ...btc, symbol: 'ETHUSDT' })).listAssets()).toEqual([])
    expect(prices.readLow('ETH')).toBeUndefined()
  })
})

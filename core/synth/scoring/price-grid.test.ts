import { describe, expect, it } from 'vitest'
import { priceRequests, pythVenueOf } from '#tests/support/subnet/price-requests'
import {
  type CandleReading,
  gridOf,
  readCandleSnapshot,
  readKlines,
  readTradingViewHistory,
  uncheckedGridOf,
} from './candle-payloads.ts'
import { gridPrices, type PriceWindow } from './price-grid.ts'

const window: PriceWindow = { startAtSeconds: 600, timeLengthSeconds: 120, stepSeconds: 60 }

function good(reading: CandleReading): CandleReading & { ok: true } {
  if (!reading.ok) throw new Error(reading.problem)
  return reading
}

describe('the realised path', () => {
  it('takes a price only from the candle that opens in that very second', () => {
    const reading = readTradingViewHistory({ t: [599, 600, 661, 720, 780], c: [1, 2, 3, 4, 5] }, window)
    expect(gridOf(window, good(reading))).toEqual({ ok: true, prices: Float64Array.of(2, Number.NaN, 4) })
  })

  it('waits until a later candle proves that the last one is complete', () => {
    const reading = good(readTradingViewHistory({ t: [600, 660, 720], c: [1, 2, 3] }, window))
    expect(gridOf(window, reading)).toEqual({ ok: false, reason: 'notSettled' })
    expect(uncheckedGridOf(window, reading)).toBeNull()
  })

  it('is not scored without its last price', () => {
    const reading = good(readTradingViewHistory({ t: [600, 660, 780], c: [1, 2, 3] }, window))
    expect(gridOf(window, reading)).toEqual({ ok: false, reason: 'lastMissing' })
  })

  it('lets the last of two candles of one second count, and a null close be missing', () => {
    const reading = readTradingViewHistory({ t: [600, 660, 600, 720, 781], c: [1, null, 9, 4, 5] }, window)
    expect(gridOf(window, good(reading))).toEqual({ ok: true, prices: Float64Array.of(9, Number.NaN, 4) })
  })

  it('judges the witness in milliseconds, before seconds are taken', () => {
    const rows = [600, 660, 720].map((second) => ({ t: second * 1000, c: '7.5' }))
    expect(gridOf(window, good(readCandleSnapshot([...rows, { t: 720_001, c: '8' }], window))).ok).toBe(true)
    expect(gridOf(window, good(readCandleSnapshot(rows, window))).ok).toBe(false)
  })

  it('reads open and close of a kline', () => {
    const rows = [600, 660, 720, 780].map((second) => [second * 1000, '1', '2', '3', `${second / 100}`, '5'])
    expect(gridOf(window, good(readKlines(rows, window)))).toEqual({ ok: true, prices: Float64Array.of(6, 6.6, 7.2) })
  })

  it.each([
    [readTradingViewHistory([], window), ''],
    [readTradingViewHistory({ t: ['600'] }, window), 't'],
    [readTradingViewHistory({ t: [600, 781] }, window), 'c'],
    [readTradingViewHistory({ t: [600, 781], c: [1, '2'] }, window), 'c[1]'],
    [readKlines({}, window), ''],
    [readKlines([[600_000, '', '', '', 'x']], window), '[0][4]'],
    [readKlines([[600_000, '', '', '', '1'], 5], window), '[1]'],
    [readCandleSnapshot([{ t: '600', c: '1' }], window), '[0].t'],
  ])('says where a payload is not what it should be (%#)', (reading, at) => {
    expect(reading).toMatchObject({ ok: false, at })
  })

  it('drops the end that the candles do not reach when the length is no multiple of the increment', () => {
    const odd = { ...window, timeLengthSeconds: 100 }
    const closes = [1, 2, 3, 4]
    expect(gridPrices(odd, { openSeconds: [600, 660, 720, 780], closes })).toHaveLength(3)
    expect(gridPrices(odd, { openSeconds: [660, 720, 780, 840], closes })).toHaveLength(2)
    expect(gridPrices(odd, { openSeconds: [590, 600, 610, 620], closes })).toHaveLength(2)
  })
})

describe('priceRequests', () => {
  it('reaches one candle past the end', () => {
    expect(priceRequests({ venue: 'pythPro', symbol: 'Crypto.BTC/USD' }, window)).toMatchObject([
      { method: 'GET', params: { from: 600, to: 780, resolution: 1 } },
    ])
  })

  it('asks for a day of klines in two requests and for a day of snapshots in one', () => {
    const day = { startAtSeconds: 0, timeLengthSeconds: 86_400, stepSeconds: 300 }
    expect(priceRequests({ venue: 'binanceSpot', symbol: 'BTCUSDT' }, day)).toHaveLength(2)
    expect(priceRequests({ venue: 'hyperliquidPerp', symbol: 'xyz:CL' }, day)).toHaveLength(1)
  })

  it('takes any backend but pro for the benchmarks', () => {
    expect(['PRO', 'pro', 'hermes', ''].map(pythVenueOf)).toEqual([
      'pythPro',
      'pythPro',
      'pythBenchmarks',
      'pythBenchmarks',
    ])
  })
})

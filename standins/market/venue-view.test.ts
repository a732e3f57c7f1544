import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { minuteMs } from '#core/base/time/units'
import { TestMarket } from '#tests/support/test-market'
import { FaultBook, type FaultInput, parseFaultScript } from './faults.ts'
import { decimalText, VenueView } from './venue-view.ts'

const startMs = Date.UTC(2026, 8, 22, 12)

function viewAfter(sinceStartMs: number, ...faults: FaultInput[]): VenueView {
  const book = new FaultBook(parseFaultScript({ faults }, 'test'))
  return new VenueView(new TestMarket(), book, 'binanceSpot', startMs + sinceStartMs, sinceStartMs)
}

describe('a view of the market', () => {
  it('has settled candles exactly, a running one at the present price, and none of the future', () => {
    const market = new TestMarket()
    const view = viewAfter(90_000)
    const candles = view.candles('BTC', startMs - minuteMs, startMs + 10 * minuteMs)
    expect(candles.map(({ openAtMs, close }) => [(openAtMs - startMs) / minuteMs, close])).toEqual([
      [-1, market.minuteClose('BTC', startMs - minuteMs)],
      [0, market.minuteClose('BTC', startMs)],
      [1, market.priceAt('BTC', startMs + 90_000)],
    ])
    expect(view.candles('BTC', startMs - 10 * minuteMs, startMs, 3)).toHaveLength(3)
  })

  it('stands still from the beginning of a stale fault until its end', () => {
    const stale: FaultInput = { venue: 'binanceSpot', kind: 'stale', fromSeconds: 60, forSeconds: 120 }
    expect(viewAfter(59_000, stale).nowMs).toBe(startMs + 59_000)
    expect(viewAfter(100_000, stale).nowMs).toBe(startMs + 60_000)
    expect(viewAfter(100_000, stale).price('BTC')).toBe(new TestMarket().priceAt('BTC', startMs + 60_000))
    expect(viewAfter(180_000, stale).nowMs).toBe(startMs + 180_000)
  })

  it('with a clock that is off labels the present market with the wrong time', () => {
    const view = viewAfter(30_000, { venue: 'binanceSpot', kind: 'clockOff', offsetSeconds: 600 })
    expect(view.nowMs).toBe(startMs + 630_000)
    expect(view.price('BTC')).toBe(new TestMarket().priceAt('BTC', startMs + 30_000))
    const [candle] = view.candles('BTC', startMs + 9 * minuteMs, startMs + 9 * minuteMs)
    expect(candle?.close).toBe(new TestMarket().minuteClose('BTC', startMs - minuteMs))
  })

  it('applies a fault to its own venue only', () => {
    const other: FaultInput = { venue: 'coingecko', kind: 'jump', asset: 'BTC', factor: 2 }
    expect(viewAfter(0, other).price('BTC')).toBe(new TestMarket().priceAt('BTC', startMs))
  })
})

describe('decimalText', () => {
  it('reads back to the same number, without an exponent, with enough decimals', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-12, max: 1e12, noNaN: true }),
        fc.integer({ min: 0, max: 8 }),
        (price, decimals) => {
          const text = decimalText(price, decimals)!
          expect(text).toMatch(/^\d+([.]\d+)?$/)
          expect((text.split('.')[1] ?? '').length).toBeGreaterThanOrEqual(decimals)
          if (price >= 1e-3) expect(Number(text)).toBe(price)
        },
      ),
    )
  })

  it('hands on what a fault has put in the place of a price', () => {
    expect(decimalText('NaN', 8)).toBe('NaN')
    expect(decimalText(null)).toBeNull()
    expect(decimalText(1e300)).toHaveLength(301)
  })
})

import { expect, it } from 'vitest'
import { minuteMs } from '#core/base/time/units'
import type { MinuteReader } from '#core/market/minutes/minute-store'
import { StoredCloses } from './stored-closes.ts'

const startMs = Date.UTC(2026, 8, 23, 12)
const none = { candles: false, others: [] }

/** Closes of consecutive minutes from `startMs` on, counting its reads. */
class CountedMinutes {
  reads = 0
  readonly closes: number[]

  constructor(closes: number[]) {
    this.closes = closes
  }

  lastClose(_series: unknown, fromMs: number, toMs: number) {
    for (let at = toMs; at >= Math.max(fromMs, startMs); at -= minuteMs) {
      const close = this.closes[(at - startMs) / minuteMs]
      if (close !== undefined && close > 0) return { openAtMs: at, close }
    }
    return undefined
  }

  readCloses(_series: unknown, fromMs: number, toMs: number): Float64Array {
    this.reads += 1
    const count = (toMs - fromMs) / minuteMs + 1
    return Float64Array.from({ length: count }, (_, i) => this.closes[(fromMs - startMs) / minuteMs + i] ?? Number.NaN)
  }
}

function setUp(closes: number[]) {
  const minutes = new CountedMinutes(closes)
  const stored = new StoredCloses({
    store: minutes as unknown as MinuteReader,
    sources: (asset) => (asset === 'BTC' ? { venue: 'binanceSpot', symbol: 'BTCUSDT' } : undefined),
  })
  return { minutes, stored }
}

it('tells the minutes that are over, not the one that runs', () => {
  const { stored } = setUp([1, 2, 3, 4, 5])
  const window = stored.recentCloses('BTC', startMs + 3 * minuteMs + 59_999, 2, none)
  expect(window).toEqual({ closes: Float64Array.of(2, 3), endsAtMs: startMs + 3 * minuteMs })
})
it('ends with the last close when later minutes are missing', () => {
  const { stored } = setUp([1, Number.NaN, 3, Number.NaN, 0])
  const window = stored.recentCloses('BTC', startMs + 5 * minuteMs, 4, none)
  expect(window).toEqual({ closes: Float64Array.of(Number.NaN, 1, Number.NaN, 3), endsAtMs: startMs + 3 * minuteMs })
})
it('knows nothing of an asset without a venue, nor before the first minute', () => {
  const { stored } = setUp([1, 2])
  expect(stored.recentCloses('DOGE', startMs + 5 * minuteMs, 1, none)).toBeUndefined()
  expect(stored.recentCloses('BTC', startMs, 1, none)).toBeUndefined()
})
it('reads the minutes once until there is a newer one or more of them are wanted', () => {
  const { stored, minutes } = setUp([1, 2, 3])
  const ask = (count: number) => stored.recentCloses('BTC', startMs + 10 * minuteMs, count, none)?.closes
  expect(ask(2)).toEqual(Float64Array.of(2, 3))
  expect(ask(1)).toEqual(Float64Array.of(3))
  expect(minutes.reads).toBe(1)
  minutes.closes.push(4)
  expect(ask(2)).toEqual(Float64Array.of(3, 4))
  expect(ask(3)).toEqual(Float64Array.of(2, 3, 4))
  expect(minutes.reads).toBe(3)
})

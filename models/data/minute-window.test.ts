import { expect, it } from 'vitest'
import { minuteMs } from '#core/base/time/units'
import type { WindowExtras } from '#core/forecast/models/onnx/recent-closes'
import type { BarSeries } from './bar-series.ts'
import { minuteWindow } from './minute-window.ts'

const startMs = Date.UTC(2025, 0, 6)
const nothing: WindowExtras = { candles: false, others: [] }

/** Closes 100, 101, …; volumes a tenth of them. */
function seriesOf(asset: string, count: number, facts: Partial<BarSeries> = {}): BarSeries {
  const close = Float64Array.from({ length: count }, (_, i) => 100 + i)
  const volume = close.map((value) => value / 10)
  return {
    asset,
    stepSeconds: 60,
    firstOpenMs: startMs,
    close,
    open: close,
    high: close,
    low: close,
    volume,
    segmentStarts: [0],
    ...facts,
  }
}

function windowAt(minute: number, minutes: number, series: readonly BarSeries[], extras = nothing) {
  const bySeries = new Map(series.map((one) => [one.asset, one]))
  return minuteWindow(bySeries, { asset: 'BTC', startAtMs: startMs + minute * minuteMs }, minutes, extras)
}

it('ends a minute before the start', () => {
  const { closes, endsAtMs, candles } = windowAt(11, 3, [seriesOf('BTC', 20)])
  expect([...closes]).toEqual([107, 108, 109])
  expect(endsAtMs).toBe(startMs + 10 * minuteMs)
  expect(candles).toBeUndefined()
})

it('has candles and other assets in the same minutes, as far as they go', () => {
  const late = seriesOf('ETH', 20, { firstOpenMs: startMs + 8 * minuteMs })
  const short = seriesOf('SOL', 9)
  const joined = seriesOf('XRP', 20, { segmentStarts: [0, 9] })
  const extras = { candles: true, others: ['ETH', 'SOL', 'XRP', 'XAU'] }
  const { candles, others } = windowAt(11, 3, [seriesOf('BTC', 20), late, short, joined], extras)
  expect([...candles!.volume]).toEqual([10.7, 10.8, 10.9])
  expect([...others!].map(([asset, closes]) => [asset, ...closes])).toEqual([
    ['ETH', Number.NaN, 100, 101],
    ['SOL', 107, 108, Number.NaN],
    // Another venue: its level is not comparable.
    ['XRP', Number.NaN, Number.NaN, 109],
  ])
})

it('knows a longer bar only when it is over', () => {
  const bars = seriesOf('BTC', 6, { stepSeconds: 300 })
  expect([...windowAt(10, 7, [bars]).closes]).toEqual([Number.NaN, 100, 100, 100, 100, 100, 101])
  const joined = seriesOf('BTC', 6, { stepSeconds: 300, segmentStarts: [0, 1] })
  expect([...windowAt(10, 3, [joined]).closes]).toEqual([Number.NaN, Number.NaN, 101])
})

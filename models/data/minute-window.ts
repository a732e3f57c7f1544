import { minuteMs } from '#core/base/time/units'
import type { MinuteWindow, WindowExtras } from '#core/forecast/models/onnx/recent-closes'
import { type BarColumn, type BarSeries, segmentEnd, stepMsOf } from './bar-series.ts'
import { type DataWindow, knownUntilMs } from './windows.ts'

/** What the miner would have known of the market at a start: `minutes` one-minute closes, and what else is read. */
export function minuteWindow(
  series: ReadonlyMap<string, BarSeries>,
  window: DataWindow,
  minutes: number,
  extras: WindowExtras,
): MinuteWindow {
  const own = series.get(window.asset)
  if (own === undefined) throw new RangeError(`no series of ${window.asset}`)
  const endsAtMs = knownUntilMs(own, window.startAtMs)
  const fromMs = endsAtMs - minutes * minuteMs
  const closes = own.stepSeconds === 60 ? columnOf(own, 'close', fromMs, minutes) : carriedCloses(own, fromMs, minutes)
  const column = (name: BarColumn): Float64Array => columnOf(own, name, fromMs, minutes)
  const candles = { open: column('open'), high: column('high'), low: column('low'), volume: column('volume') }
  const others = extras.others.flatMap((name): [string, Float64Array][] => {
    const other = series.get(name)
    return other === undefined ? [] : [[name, columnOf(other, 'close', fromMs, minutes)]]
  })
  return {
    closes,
    endsAtMs,
    ...(extras.candles ? { candles } : {}),
    ...(others.length === 0 ? {} : { others: new Map(others) }),
  }
}

/** One value per minute; NaN outside of the series and before the segment of the last one. */
function columnOf(series: BarSeries, name: BarColumn, fromMs: number, minutes: number): Float64Array {
  const from = (fromMs - series.firstOpenMs) / minuteMs
  const until = from + minutes
  const border = series.segmentStarts.findLast((start) => start < until) ?? 0
  if (from >= border && until <= series.close.length) return series[name].subarray(from, until)
  const values = new Float64Array(minutes).fill(Number.NaN)
  for (let bar = Math.max(from, border); bar < Math.min(until, series.close.length); bar += 1) {
    values[bar - from] = series[name][bar]!
  }
  return values
}

/** A longer bar's close is known from its last minute on; until then the close before it is the newest one. */
function carriedCloses(series: BarSeries, fromMs: number, minutes: number): Float64Array {
  const stepMs = stepMsOf(series)
  const closes = new Float64Array(minutes).fill(Number.NaN)
  const lastBar = Math.floor((fromMs + (minutes - 1) * minuteMs - series.firstOpenMs) / stepMs)
  for (let i = 0; i < minutes; i += 1) {
    // The newest bar that has ended with this minute.
    const bar = Math.floor((fromMs + (i + 1) * minuteMs - series.firstOpenMs) / stepMs) - 1
    if (bar >= 0 && segmentEnd(series, bar) > lastBar) closes[i] = series.close[bar]!
  }
  return closes
}

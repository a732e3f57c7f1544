import { CalibratedModel } from '#core/forecast/models/calibrated'
import {
  type CalibratedParameters,
  type CalibrationAnswer,
  calibrate,
  calibratedGrids,
} from '#core/forecast/models/calibrated-parameters'
import { MemoryTrack } from '#core/forecast/models/states/memory-track'
import { type Forecast, meanStepVariances } from '#core/forecast/paths/process-parameters'
import type { PriceSeries } from '#core/forecast/volatility/price-series'
import type { Horizon } from '#core/synth/prompts/horizon'
import { type BarSeries, stepMsOf } from './bar-series.ts'
import { type DataWindow, knownUntilMs, type WindowShape } from './windows.ts'

/**
 * The calibrated model as it would have been fitted at `untilMs`. The published sets know all prices up to their release:
 * as an input of a training they would tell it of the validation part.
 */
export function fitBaseline(series: BarSeries, horizon: Horizon, untilMs: number): CalibrationAnswer {
  const grid = calibratedGrids[horizon]
  const prices = pricesOnGrid(series, grid.stepSeconds)
  const until = Math.ceil((untilMs - prices.startAtMs) / (grid.stepSeconds * 1000))
  return calibrate(series.asset, prices, Math.max(0, Math.min(until, prices.closes.length)), grid)
}

/** The variance of each step in these forecasts: the input `baseline`. */
export function baselineVariances(...given: Parameters<typeof calibratedForecasts>): (Float64Array | undefined)[] {
  return calibratedForecasts(...given).map((forecast) => forecast && meanStepVariances(forecast))
}

/**
 * What the calibrated model forecast at each start, or undefined where it remembered too little. Memory is walked forward
 * once, over the minutes that were known at each start, and begins anew with each segment.
 */
export function calibratedForecasts(
  series: BarSeries,
  windows: readonly DataWindow[],
  parameters: CalibratedParameters,
  horizon: Horizon,
  { stepSeconds, steps }: Pick<WindowShape, 'stepSeconds' | 'steps'>,
): (Forecast | undefined)[] {
  const set = { asset: series.asset, horizon, hash: '', origin: 'operator', parameters } as const
  let track = new MemoryTrack(set)
  const model = new CalibratedModel(() => track.memory)
  const stepMs = stepMsOf(series)
  const borders = new Set(series.segmentStarts)
  let next = 0
  return windows.map(({ asset, startAtMs }) => {
    const until = Math.floor((knownUntilMs(series, startAtMs) - series.firstOpenMs) / stepMs)
    for (; next < until; next += 1) {
      if (borders.has(next)) track = new MemoryTrack(set)
      const close = series.close[next]!
      const openAtMs = series.firstOpenMs + next * stepMs
      if (series.stepSeconds === 60) track.take(openAtMs, close)
      else track.memory.takePrice(close, openAtMs + stepMs)
    }
    const answer = model.forecast({ asset, startAtMs, stepSeconds, stepCount: steps })
    return answer.ok && !answer.isDegraded ? answer.forecast : undefined
  })
}

/** The grid of the calibrated model can be read from these bars: minutes, or its own steps. */
export function hasBaseline({ stepSeconds }: Pick<BarSeries, 'stepSeconds'>, horizon: Horizon): boolean {
  return stepSeconds === 60 || stepSeconds === calibratedGrids[horizon].stepSeconds
}

/** The prices that `MemoryTrack` would take, without the one at each border: no move is made across it. */
function pricesOnGrid(series: BarSeries, stepSeconds: number): PriceSeries {
  const stepMs = stepMsOf(series)
  const gridMs = stepSeconds * 1000
  // A minute's close is the price of the instant at which it opens; a longer bar's is that of its end.
  const isMinute = stepSeconds === 60
  const instantOf = (bar: number): number => {
    const openMs = series.firstOpenMs + bar * stepMs
    return isMinute ? openMs : (Math.floor(openMs / gridMs) + 1) * gridMs
  }
  const startAtMs = instantOf(0)
  const place = (bar: number): number => (instantOf(bar) - startAtMs) / gridMs
  const closes = new Float64Array(place(series.close.length - 1) + 1).fill(Number.NaN)
  for (let bar = 0; bar < series.close.length; bar += 1) {
    if (series.close[bar]! > 0) closes[place(bar)] = series.close[bar]!
  }
  for (const start of series.segmentStarts.slice(1)) closes[place(start - 1)] = Number.NaN
  return { startAtMs, stepSeconds, closes }
}

import { minuteMs } from '#core/base/time/units'
import type { Problem } from '#models/compile/recipe'
import { type BarSeries, barOfInstant, segmentEnd, stepMsOf } from './bar-series.ts'

/** One forecast of the past: what the model would have been asked. */
export interface DataWindow {
  readonly asset: string
  readonly startAtMs: number
}

export interface WindowShape {
  /** Minutes that the features look back over: `minutesNeeded` of the manifest. */
  readonly inputMinutes: number
  /** Minutes of a segment that pass before its first input, for what the calibrated model remembers. */
  readonly warmUpMinutes: number
  readonly stepSeconds: number
  readonly steps: number
  readonly largestUnknownShare: number
}

export interface WindowRules {
  /** Time between two starts. Without it targets do not overlap, and the starts walk round the clock. */
  readonly strideMinutes?: number | undefined
  /** Of the steps to forecast. */
  readonly largestUnknownTargetShare: number
}

/**
 * A prompt comes up to a minute before its start, so the newest finished minute ends about a minute before it. The last
 * of longer bars ends at the start.
 */
export function knownUntilMs({ stepSeconds }: Pick<BarSeries, 'stepSeconds'>, startAtMs: number): number {
  return stepSeconds === 60 ? startAtMs - minuteMs : startAtMs
}

/** Every forecast that the series can be asked for, in order of time, then of assets. */
export function listWindows(series: readonly BarSeries[], shape: WindowShape, rules: WindowRules): DataWindow[] {
  const strideMs = strideOf(shape, rules)
  const windows: DataWindow[] = []
  for (const one of series) {
    const unknown = unknownBefore(one)
    const stepMs = stepMsOf(one)
    for (const [i, from] of one.segmentStarts.entries()) {
      const until = one.segmentStarts[i + 1] ?? one.close.length
      const fromMs = one.firstOpenMs + from * stepMs
      const untilMs = one.firstOpenMs + until * stepMs
      const lagMs = fromMs - knownUntilMs(one, fromMs)
      const first = fromMs + (shape.warmUpMinutes + shape.inputMinutes) * minuteMs + lagMs
      // On the grid of a bar, wherever the segment begins. After a hole the next start that fits is looked for.
      for (let startAtMs = Math.ceil(first / stepMs) * stepMs; startAtMs < untilMs; ) {
        const window = { asset: one.asset, startAtMs }
        const isFit = fits(one, window, shape, rules, unknown)
        if (isFit) windows.push(window)
        startAtMs += isFit ? strideMs : shape.stepSeconds * 1000
      }
    }
  }
  return windows.sort((a, b) => a.startAtMs - b.startAtMs || (a.asset < b.asset ? -1 : 1))
}

/** What keeps a series from having windows at all. */
export function shapeProblems(series: readonly BarSeries[], shape: WindowShape): Problem[] {
  return series.flatMap(({ asset, stepSeconds, close }): Problem[] => {
    if (shape.stepSeconds % stepSeconds !== 0) {
      const sentence = `steps of ${shape.stepSeconds} s cannot be read from ${asset}'s bars of ${stepSeconds} s`
      return [{ path: 'grid.stepSeconds', sentence }]
    }
    const minutes = shape.warmUpMinutes + shape.inputMinutes
    const needed = Math.ceil((minutes * 60 + shape.stepSeconds * shape.steps) / stepSeconds)
    if (close.length >= needed) return []
    const sentence = `${asset} has ${close.length} bars, but one window of input and forecast needs ${needed}`
    return [{ path: 'data', sentence }]
  })
}

/** The newest forecast that could be asked for: its inputs are known, its truth is still to come. */
export function latestWindow(series: BarSeries, shape: WindowShape): DataWindow | undefined {
  const stepMs = stepMsOf(series)
  const unknown = unknownBefore(series)
  for (let bar = series.close.length - 1; bar >= 0; bar -= 1) {
    const endsAtMs = series.firstOpenMs + (bar + 1) * stepMs
    const startAtMs = endsAtMs + (endsAtMs - knownUntilMs(series, endsAtMs))
    const window = { asset: series.asset, startAtMs }
    if (hasInputs(series, window, shape, unknown)) return window
  }
  return undefined
}

/** Those that start in a stretch of time, its end excluded. */
export function windowsBetween(windows: readonly DataWindow[], fromMs: number, toMs: number): DataWindow[] {
  return windows.filter(({ startAtMs }) => startAtMs >= fromMs && startAtMs < toMs)
}

/** `count` of them, evenly over the list. */
export function evenWindows(windows: readonly DataWindow[], count: number): DataWindow[] {
  if (count >= windows.length) return [...windows]
  return Array.from({ length: count }, (_, i) => windows[Math.floor((i * windows.length) / count)]!)
}

/** The first bar of the inputs and the one after the last. */
export function inputBars(series: BarSeries, { startAtMs }: DataWindow, inputMinutes: number): [number, number] {
  const until = (knownUntilMs(series, startAtMs) - series.firstOpenMs) / stepMsOf(series)
  return [until - Math.ceil((inputMinutes * 60) / series.stepSeconds), until]
}

/** The bar of the start price and that of the last price of the forecast. */
export function targetBars(series: BarSeries, { startAtMs }: DataWindow, shape: WindowShape): [number, number] {
  const endsAtMs = startAtMs + shape.steps * shape.stepSeconds * 1000
  return [barOfInstant(series, startAtMs), barOfInstant(series, endsAtMs)]
}

function strideOf({ stepSeconds, steps }: WindowShape, { strideMinutes }: WindowRules): number {
  if (strideMinutes !== undefined) return strideMinutes * minuteMs
  const stepMs = Math.max(stepSeconds * 1000, minuteMs)
  return Math.ceil((steps * stepSeconds * 1000 * 25) / 24 / stepMs) * stepMs
}

/** Entry i: how many of the bars before i have no close. */
function unknownBefore({ close }: BarSeries): Uint32Array {
  const unknown = new Uint32Array(close.length + 1)
  for (let i = 0; i < close.length; i += 1) unknown[i + 1] = unknown[i]! + (close[i]! > 0 ? 0 : 1)
  return unknown
}

function hasInputs(series: BarSeries, window: DataWindow, shape: WindowShape, unknown: Uint32Array): boolean {
  const [from, until] = inputBars(series, window, shape.inputMinutes)
  if (!Number.isInteger(until) || from < 0 || until > series.close.length) return false
  if (segmentEnd(series, from) < until || !(series.close[until - 1]! > 0)) return false
  return unknown[until]! - unknown[from]! <= shape.largestUnknownShare * (until - from)
}

function fits(
  series: BarSeries,
  window: DataWindow,
  shape: WindowShape,
  rules: WindowRules,
  unknown: Uint32Array,
): boolean {
  if (!hasInputs(series, window, shape, unknown)) return false
  const [inputFrom] = inputBars(series, window, shape.inputMinutes)
  const [first, last] = targetBars(series, window, shape)
  if (!(last < series.close.length) || segmentEnd(series, inputFrom) <= last) return false
  const barsPerStep = shape.stepSeconds / series.stepSeconds
  let missing = 0
  for (let step = 0; step < shape.steps; step += 1) {
    const from = first + step * barsPerStep
    if (!(series.close[from]! > 0 && series.close[from + barsPerStep]! > 0)) missing += 1
  }
  return missing <= rules.largestUnknownTargetShare * shape.steps && missing < shape.steps
}

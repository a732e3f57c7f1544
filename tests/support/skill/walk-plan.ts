/** Which prompts of a series can be scored, and when the model is fitted again on the way. */

import { dayMs } from '#core/base/time/units'
import type { MarketSeries } from '#core/forecast/models/price-series-source'
import type { Horizon } from '#core/synth/prompts/horizon'

export const walkHorizons = {
  low: { lengthSeconds: 86_400, stepCount: 288, spacingSteps: 36, warmUpDays: 60, leastRefitDays: 10 },
  high: { lengthSeconds: 3600, stepCount: 60, spacingSteps: 20, warmUpDays: 14, leastRefitDays: 3 },
} as const
/** A path that is mostly hole compares too little. */
const leastObservedShare = 0.15
/** At the latest when there are so many more prices than at the last fit. */
const refitGrowth = 1.1
/** What others begin with may be older. */
const setGrowth = 1.4
const longestWarmUpShare = 0.4

/** Prompts between two fits. */
export interface WalkGroup {
  /** Prices before this step of the series are known when the model is fitted. */
  readonly knownSteps: number
  readonly startsMs: readonly number[]
}

export interface MissedPrompt {
  readonly startAtMs: number
  readonly reason: string
}

export interface WalkPlan {
  readonly groups: readonly WalkGroup[]
  readonly missed: readonly MissedPrompt[]
}

export interface WalkData {
  readonly low: MarketSeries
  /** Where the grid of five minutes has no price at a start, the minutes may. */
  readonly minutes: MarketSeries | undefined
}

/** Prices from the start on, one per step, or why there are none. */
export function realPath(
  { low: { series }, minutes }: WalkData,
  startAtMs: number,
  stepCount: number,
): Float64Array | string {
  const stepMs = series.stepSeconds * 1000
  const onGrid = (startAtMs - series.startAtMs) / stepMs
  const isOnGrid = Number.isInteger(onGrid)
  if (!isOnGrid && minutes === undefined) return 'start between two prices of the file, and there are no minutes'
  const source = isOnGrid ? series : minutes!.series
  const stride = isOnGrid ? 1 : series.stepSeconds / source.stepSeconds
  const first = (startAtMs - source.startAtMs) / (source.stepSeconds * 1000)
  if (!Number.isInteger(first)) return 'start between two minutes'
  if (first < 0 || first + stride * stepCount >= source.closes.length) return 'lie outside the prices of the file'
  const real = Float64Array.from({ length: stepCount + 1 }, (_, k) => source.closes[first + stride * k]!)
  if (!(real[0]! > 0) || !(real[stepCount]! > 0)) return 'have no price at the start or the end'
  let observed = 0
  for (let k = 1; k <= stepCount; k += 1) if (real[k]! > 0 && real[k - 1]! > 0) observed += 1
  return observed < leastObservedShare * stepCount ? 'have hardly any prices' : real
}

/** How many prices of the series are known when a prompt starts. */
export function knownStepsAt({ series, unseenSteps }: MarketSeries, startAtMs: number): number {
  return Math.floor((startAtMs - series.startAtMs) / (series.stepSeconds * 1000)) + 1 - unseenSteps
}

export function planWalk(
  data: WalkData,
  horizon: Horizon,
  options: {
    readonly leastObserved: number
    readonly limit: number | undefined
    readonly startsMs: readonly number[] | undefined
  },
): WalkPlan {
  const { stepCount, leastRefitDays } = walkHorizons[horizon]
  const { series } = data.low
  const observedBefore = countObserved(series.closes)
  const missed: MissedPrompt[] = []
  const starts: number[] = []
  for (const startAtMs of options.startsMs?.toSorted((a, b) => a - b) ?? regularStarts(data, horizon)) {
    const known = knownStepsAt(data.low, startAtMs)
    const real = realPath(data, startAtMs, stepCount)
    if (typeof real === 'string') missed.push({ startAtMs, reason: real })
    else if ((observedBefore[known] ?? 0) <= options.leastObserved)
      missed.push({ startAtMs, reason: 'come before there are enough prices to learn from' })
    else starts.push(startAtMs)
  }
  const groups: { knownSteps: number; startsMs: number[] }[] = []
  for (const startAtMs of thinned(starts, options.limit)) {
    const known = knownStepsAt(data.low, startAtMs)
    const last = groups.at(-1)
    const leastSteps = (leastRefitDays * dayMs) / (series.stepSeconds * 1000)
    const hasGrown =
      last === undefined ||
      (known >= last.knownSteps + leastSteps &&
        observedBefore[known]! >= refitGrowth * observedBefore[last.knownSteps]!)
    if (hasGrown) groups.push({ knownSteps: known, startsMs: [startAtMs] })
    else last.startsMs.push(startAtMs)
  }
  return { groups, missed }
}

/** The steps at which a series is worth a fit for others to begin with. */
export function fitSteps({ series }: MarketSeries, horizon: Horizon, leastObserved: number): number[] {
  const observedBefore = countObserved(series.closes)
  const leastSteps = (walkHorizons[horizon].leastRefitDays * dayMs) / (series.stepSeconds * 1000)
  const steps: number[] = []
  for (let step = 0; step <= series.closes.length; step += Math.ceil(leastSteps)) {
    const last = steps.at(-1)
    if (observedBefore[step]! < leastObserved) continue
    if (last === undefined || observedBefore[step]! >= setGrowth * observedBefore[last]!) steps.push(step)
  }
  return steps
}

function regularStarts({ low: { series } }: WalkData, horizon: Horizon): number[] {
  const { stepCount, spacingSteps, warmUpDays } = walkHorizons[horizon]
  const stepMs = series.stepSeconds * 1000
  const warmUpSteps = Math.min((warmUpDays * dayMs) / stepMs, longestWarmUpShare * series.closes.length)
  const starts: number[] = []
  for (let step = 0; step + stepCount < series.closes.length; step += 1) {
    const atMs = series.startAtMs + step * stepMs
    if (step >= warmUpSteps && (atMs / stepMs) % spacingSteps === 0) starts.push(atMs)
  }
  return starts
}

function thinned(starts: readonly number[], limit: number | undefined): readonly number[] {
  if (limit === undefined || starts.length <= limit) return starts
  return Array.from({ length: limit }, (_, k) => starts[Math.floor((k * starts.length) / limit)]!)
}

/** Entry i: prices before step i. */
function countObserved(closes: Float64Array): Int32Array {
  const before = new Int32Array(closes.length + 1)
  for (let i = 0; i < closes.length; i += 1) before[i + 1] = before[i]! + (Number.isNaN(closes[i]!) ? 0 : 1)
  return before
}

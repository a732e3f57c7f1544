/** What the bench gives to its threads. Each keeps the last series it read: tasks come in the order of names. */

import { PriceSeriesFolder } from '#adapters/market-files/price-series-folder'
import { AppError } from '#core/base/errors/app-error'
import { type CalibratedParameters, calibrate, calibratedGrids } from '#core/forecast/models/calibrated-parameters'
import { isOpenAtWeekends } from '#core/forecast/volatility/price-series'
import type { Horizon } from '#core/synth/prompts/horizon'
import type { PredictionRule } from '#core/synth/scoring/score-prediction'
import { type WalkedGroup, type WalkOptions, WalkScorer, walkGroup } from './walk-forward.ts'
import { fitSteps, planWalk, type WalkData, type WalkGroup, type WalkPlan } from './walk-plan.ts'

export interface SeriesName {
  readonly market: string
  /** Of the file. */
  readonly name: string
  readonly horizon: Horizon
}

export interface PlanTask extends SeriesName {
  readonly kind: 'plan'
  readonly limit: number | undefined
  /** Exactly these prompts instead of the regular ones. */
  readonly startsMs: readonly number[] | undefined
}

export type PlanReply =
  | {
      readonly ok: true
      readonly plan: WalkPlan
      /** Fits on the series alone, at intervals: what other series may begin with. */
      readonly sets: readonly CalibratedParameters[]
      readonly isOpenAtWeekends: boolean
      readonly knownToMs: readonly number[]
    }
  | { readonly ok: false; readonly reason: string }

export interface WalkTask extends SeriesName {
  readonly kind: 'walk'
  readonly group: WalkGroup
  readonly options: WalkOptions
}

export function runTask(task: PlanTask | WalkTask): PlanReply | WalkedGroup {
  return task.kind === 'plan' ? plan(task) : walk(task)
}

function plan({ limit, startsMs, ...name }: PlanTask): PlanReply {
  const data = readSeries(name)
  if (typeof data === 'string') return { ok: false, reason: data }
  const grid = calibratedGrids[name.horizon]
  const { series } = data.low
  const sets = fitSteps(data.low, name.horizon, grid.leastObservedSteps).flatMap((step) => {
    const answer = calibrate(name.name, series, step, grid)
    return answer.ok ? [answer.parameters] : []
  })
  const walk = planWalk(data, name.horizon, { leastObserved: grid.leastObservedSteps, limit, startsMs })
  const knownToMs = walk.groups.map(({ knownSteps }) => series.startAtMs + knownSteps * series.stepSeconds * 1000)
  return { ok: true, plan: walk, sets, isOpenAtWeekends: isOpenAtWeekends(series), knownToMs }
}

function walk({ group, options, ...name }: WalkTask): WalkedGroup {
  const data = readSeries(name)
  if (typeof data === 'string') throw new Error(data)
  return walkGroup(data, group, options, scorerOf(name.horizon, options.rule))
}

let lastRead: { readonly key: string; readonly data: WalkData | string } | undefined

function readSeries({ market, name, horizon }: SeriesName): WalkData | string {
  const key = `${market} ${name} ${horizon}`
  if (lastRead?.key !== key) lastRead = { key, data: readAnew({ market, name, horizon }) }
  return lastRead.data
}

function readAnew({ market, name, horizon }: SeriesName): WalkData | string {
  const folder = new PriceSeriesFolder(market)
  try {
    const low = horizon === 'low' ? folder.readLow(name) : folder.readHigh(name)
    if (low === undefined) return 'no file with steps of one minute'
    return { low, minutes: horizon === 'low' ? folder.readHigh(name) : undefined }
  } catch (error) {
    if (error instanceof AppError) return error.message
    throw error
  }
}

const scorers = new Map<string, WalkScorer>()

function scorerOf(horizon: Horizon, rule: PredictionRule): WalkScorer {
  const key = `${horizon} ${JSON.stringify(rule)}`
  const known = scorers.get(key) ?? new WalkScorer(horizon, rule)
  scorers.set(key, known)
  return known
}

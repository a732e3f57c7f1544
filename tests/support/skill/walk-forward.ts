/** One asset on one horizon, prompt by prompt, each forecast from what was known when the prompt started. */

import { CalibratedModel } from '#core/models/calibrated'
import { CalibratedMemory } from '#core/models/calibrated-memory'
import { type CalibratedGrid, calibrate, calibratedGrids } from '#core/models/calibrated-parameters'
import { advanceEwma, bootstrapEwma, type EwmaState } from '#core/models/ewma-state'
import type { MarketSeries } from '#core/models/price-series-source'
import { ReferenceModel } from '#core/models/reference'
import { SeedModel, seedHasFlatFirstPath } from '#core/models/seed'
import { seedDefaults, seedVarianceFloor } from '#core/models/seed-defaults'
import { AnswerScorer } from '#core/scoring/answer-scorer'
import type { PathMatrix } from '#core/scoring/crps'
import { type PredictionRule, scorePrediction } from '#core/scoring/score-prediction'
import { CalibrationErrors } from './calibration-errors.ts'
import { Ensembles } from './ensembles.ts'

export interface WalkOptions {
  /** Name of the file, and of the asset in the models. */
  readonly name: string
  readonly asset: string
  readonly horizon: 'low' | 'high'
  readonly rule: PredictionRule
  readonly limit: number | undefined
  /** Exactly these instead of the regular ones. */
  readonly startsMs: readonly number[] | undefined
}

export interface PromptScore {
  readonly price: number
  readonly total: number
}

export interface ScoredPrompt {
  readonly startAtMs: number
  /** Constant volatilities of the last 1, 7 and 30 days. */
  readonly constants: readonly PromptScore[]
  readonly reference: PromptScore | undefined
  readonly seed: PromptScore
  readonly calibrated: PromptScore
}

export interface Walk {
  readonly prompts: readonly ScoredPrompt[]
  readonly errors: CalibrationErrors
}

const horizons = {
  low: { stepCount: 288, spacingSteps: 36, warmUpDays: 60, refitDays: 30 },
  high: { stepCount: 60, spacingSteps: 20, warmUpDays: 14, refitDays: 10 },
}
const dayMs = 86_400_000
const trailingDays = [1, 7, 30]
const leastTrailingReturns = 60
/** A path that is mostly hole compares too little. */
const leastObservedShare = 0.15

export function walkForward({ series, unseenSteps }: MarketSeries, options: WalkOptions): Walk {
  const { closes, stepSeconds, startAtMs } = series
  const { stepCount, refitDays } = horizons[options.horizon]
  const grid = calibratedGrids[options.horizon]
  const stepMs = stepSeconds * 1000
  const starts = chooseStarts(series, grid, options)
  const ensembles = new Ensembles(stepSeconds, stepCount, options.rule.intervals)
  const errors = new CalibrationErrors(options.rule.intervals, stepSeconds)
  const scorer = new AnswerScorer()
  const squares = trailingSquares(closes)
  const prompts: ScoredPrompt[] = []
  let memory: CalibratedMemory | undefined
  let ewma: EwmaState | undefined
  let ewmaAt = 0
  let fittedAt = Number.NEGATIVE_INFINITY
  let seenUntil = 0
  const calibrated = new CalibratedModel(() => memory)
  const seed = new SeedModel(() => ewma)
  const reference = new ReferenceModel()

  for (const start of starts) {
    // Only prices before `known` exist for the models; real[0] is among them where the grid's own price is known.
    const known = start + 1 - unseenSteps
    if ((start - fittedAt) * stepMs >= refitDays * dayMs || memory === undefined) {
      const answer = calibrate(options.asset, series, known, grid)
      fittedAt = start
      if (!answer.ok) continue
      memory = new CalibratedMemory(answer.parameters, '')
      seenUntil = 0
    }
    for (; seenUntil < known; seenUntil += 1) memory.takePrice(closes[seenUntil]!, startAtMs + seenUntil * stepMs)
    for (; ewmaAt < known; ewmaAt += 1)
      ewma = takeSeedPrice(ewma, options.asset, closes[ewmaAt]!, startAtMs + ewmaAt * stepMs)

    const real = closes.slice(start, start + stepCount + 1)
    const price = real[0]!
    const question = { asset: options.asset, startAtMs: startAtMs + start * stepMs, stepSeconds, stepCount }
    const ours = calibrated.forecast(question)
    const theirs = seed.forecast(question)
    const constantSds = trailingDays.map((days) => trailingSd(squares, known, Math.round((days * dayMs) / stepMs)))
    if (!ours.ok || !theirs.ok || !constantSds.every((sd) => sd > 0)) continue
    const score = (paths: PathMatrix): PromptScore => {
      const scored = scorePrediction(paths, real, options.rule, scorer.scoreTotal.bind(scorer))
      return { price: scored.price?.score ?? Number.NaN, total: scored.total }
    }
    const seedNumber = BigInt(question.startAtMs)
    const constants = constantSds.map((sd) => score(ensembles.constant(sd, price)))
    const fixed = reference.forecast(question)
    const fixedScore = fixed.ok
      ? score(ensembles.constant(Math.sqrt(fixed.forecast[0].process.stepVariances[0]!), price))
      : undefined
    const seedScore = score(ensembles.independent(theirs.forecast, price, seedNumber, seedHasFlatFirstPath))
    const paths = ensembles.structured(ours.forecast, price, seedNumber)
    errors.add(paths, real)
    prompts.push({
      startAtMs: question.startAtMs,
      constants,
      reference: fixedScore,
      seed: seedScore,
      calibrated: score(paths),
    })
  }
  return { prompts, errors }
}

function chooseStarts(
  { closes, startAtMs, stepSeconds }: MarketSeries['series'],
  grid: CalibratedGrid,
  options: WalkOptions,
): number[] {
  const { stepCount, spacingSteps, warmUpDays } = horizons[options.horizon]
  const stepMs = stepSeconds * 1000
  const isScorable = (start: number): boolean => {
    const end = start + stepCount
    if (!(start >= 0) || !(closes[start]! > 0) || !(closes[end]! > 0)) return false
    let observed = 0
    for (let i = start + 1; i <= end; i += 1) if (closes[i]! > 0 && closes[i - 1]! > 0) observed += 1
    return observed >= leastObservedShare * stepCount
  }
  if (options.startsMs !== undefined) {
    return options.startsMs
      .map((ms) => (ms - startAtMs) / stepMs)
      .filter((start) => Number.isInteger(start) && isScorable(start))
      .sort((a, b) => a - b)
  }
  let observed = 0
  const warmUpSteps = Math.min((warmUpDays * dayMs) / stepMs, 0.4 * closes.length)
  const starts: number[] = []
  for (let start = 0; start + stepCount < closes.length; start += 1) {
    if (closes[start]! > 0) observed += 1
    const isDue = (startAtMs / stepMs + start) % spacingSteps === 0
    if (isDue && start >= warmUpSteps && observed > grid.leastObservedSteps && isScorable(start)) starts.push(start)
  }
  const { limit } = options
  if (limit === undefined || starts.length <= limit) return starts
  return Array.from({ length: limit }, (_, k) => starts[Math.floor((k * starts.length) / limit)]!)
}

interface Squares {
  readonly sums: Float64Array
  readonly counts: Int32Array
}

function trailingSquares(closes: Float64Array): Squares {
  const sums = new Float64Array(closes.length + 1)
  const counts = new Int32Array(closes.length + 1)
  for (let i = 0; i < closes.length; i += 1) {
    const change = i === 0 ? Number.NaN : closes[i]! / closes[i - 1]! - 1
    const isThere = !Number.isNaN(change)
    sums[i + 1] = sums[i]! + (isThere ? change * change : 0)
    counts[i + 1] = counts[i]! + (isThere ? 1 : 0)
  }
  return { sums, counts }
}

/** Over the steps before `known`; over twice, four times … as long where the market was shut. */
function trailingSd({ sums, counts }: Squares, known: number, steps: number): number {
  for (let length = steps; ; length *= 2) {
    const from = Math.max(0, known - length)
    const count = counts[known]! - counts[from]!
    if (count >= leastTrailingReturns || from === 0) return Math.sqrt((sums[known]! - sums[from]!) / count)
  }
}

function takeSeedPrice(
  state: EwmaState | undefined,
  asset: string,
  close: number,
  atMs: number,
): EwmaState | undefined {
  if (!(close > 0)) return state
  if (state !== undefined) return advanceEwma(state, close, atMs, seedVarianceFloor)
  const { lambda, startVariance: defaultVariance } = seedDefaults(asset)
  return bootstrapEwma({ asset, lambda, defaultVariance, floor: seedVarianceFloor }, [{ close, atMs }])
}

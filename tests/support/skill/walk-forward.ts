/** The prompts between two fits, each forecast from what was known when it started. */

import { dayMs } from '#core/base/time/units'
import { CalibratedModel } from '#core/forecast/models/calibrated'
import { CalibratedMemory } from '#core/forecast/models/calibrated-memory'
import { type CalibratedParameters, calibrate, calibratedGrids } from '#core/forecast/models/calibrated-parameters'
import { advanceEwma, bootstrapEwma, type EwmaState } from '#core/forecast/models/ewma-state'
import { ReferenceModel } from '#core/forecast/models/reference'
import { SeedModel, seedHasFlatFirstPath } from '#core/forecast/models/seed'
import { seedDefaults, seedVarianceFloor } from '#core/forecast/parameters/seed-defaults'
import type { Horizon } from '#core/synth/prompts/horizon'
import { AnswerScorer } from '#core/synth/scoring/answer-scorer'
import type { PathMatrix } from '#core/synth/scoring/crps'
import { type PredictionRule, scorePrediction } from '#core/synth/scoring/score-prediction'
import { CalibrationErrors, type CalibrationTally } from './calibration-errors.ts'
import { Ensembles } from './ensembles.ts'
import { knownStepsAt, realPath, type WalkData, type WalkGroup, walkHorizons } from './walk-plan.ts'

export interface WalkOptions {
  readonly asset: string
  readonly horizon: Horizon
  readonly rule: PredictionRule
  /** Where the model's fit begins; none of its prices may lie after the group's first start. */
  readonly prior: CalibratedParameters | undefined
  /** With the volatility term, where the rules have one, for one prompt of so many. */
  readonly totalEvery: number
}

export interface PromptScore {
  readonly price: number
  /** Undefined where it was left out for speed. */
  readonly total: number | undefined
}

export interface ScoredPrompt {
  readonly startAtMs: number
  /** Constant volatilities of the last 1, 7 and 30 days. */
  readonly constants: readonly PromptScore[]
  readonly reference: PromptScore | undefined
  readonly seed: PromptScore
  readonly calibrated: PromptScore
}

export interface WalkedGroup {
  readonly prompts: readonly ScoredPrompt[]
  readonly tallies: readonly CalibrationTally[]
  /** Why prompts have no score, and how many. */
  readonly unscored: Readonly<Record<string, number>>
}

const trailingDays = [1, 7, 30]
const leastTrailingReturns = 60

/** Keeps the compiled kernels of one horizon and rule. */
export class WalkScorer {
  readonly ensembles: Ensembles
  readonly #rule: PredictionRule
  readonly #scorer = new AnswerScorer()

  constructor(horizon: Horizon, rule: PredictionRule) {
    const { stepCount, lengthSeconds } = walkHorizons[horizon]
    this.ensembles = new Ensembles(lengthSeconds / stepCount, stepCount, rule.intervals)
    this.#rule = rule
  }

  score(paths: PathMatrix, real: Float64Array): PromptScore {
    const scored = scorePrediction(paths, real, this.#rule, this.#scorer.scoreTotal.bind(this.#scorer))
    return { price: scored.price?.score ?? Number.NaN, total: scored.total }
  }

  scoreConstant(stepSd: number, real: Float64Array, wantsTotal: boolean): PromptScore {
    if (this.#rule.totalScore !== 'price' && wantsTotal)
      return this.score(this.ensembles.constant(stepSd, real[0]!), real)
    const price = this.ensembles.scoreConstant(stepSd, real, this.#rule)
    return { price, total: this.#rule.totalScore === 'price' ? price : undefined }
  }
}

export function walkGroup(data: WalkData, group: WalkGroup, options: WalkOptions, scorer: WalkScorer): WalkedGroup {
  const { asset, horizon, rule } = options
  const { series } = data.low
  const { closes, stepSeconds, startAtMs: seriesStartMs } = series
  const { stepCount } = walkHorizons[horizon]
  const stepMs = stepSeconds * 1000
  const errors = new CalibrationErrors(rule.intervals, stepSeconds)
  const unscored: Record<string, number> = {}
  const miss = (reason: string, count = 1): void => {
    unscored[reason] = (unscored[reason] ?? 0) + count
  }
  const fitted = calibrate(asset, series, group.knownSteps, calibratedGrids[horizon], options.prior)
  if (!fitted.ok) {
    miss(fitted.reason, group.startsMs.length)
    return { prompts: [], tallies: errors.tallies, unscored }
  }
  const memory = new CalibratedMemory(fitted.parameters, '')
  const calibrated = new CalibratedModel(() => memory)
  let ewma: EwmaState | undefined
  const seed = new SeedModel(() => ewma)
  const reference = new ReferenceModel()
  const squares = trailingSquares(closes)
  const prompts: ScoredPrompt[] = []
  let seenUntil = 0

  for (const [index, startAtMs] of group.startsMs.entries()) {
    const scored = scoreOne(startAtMs, index % options.totalEvery === 0)
    if (typeof scored === 'string') miss(scored)
    else prompts.push(scored)
  }
  return { prompts, tallies: errors.tallies, unscored }

  /** Its scores, or why it has none. */
  function scoreOne(startAtMs: number, wantsTotal: boolean): ScoredPrompt | string {
    const real = realPath(data, startAtMs, stepCount)
    if (typeof real === 'string') return real
    const known = knownStepsAt(data.low, startAtMs)
    for (; seenUntil < known; seenUntil += 1) {
      const atMs = seriesStartMs + seenUntil * stepMs
      memory.takePrice(closes[seenUntil]!, atMs)
      ewma = takeSeedPrice(ewma, asset, closes[seenUntil]!, atMs)
    }
    const question = { asset, startAtMs, stepSeconds, stepCount }
    const ours = calibrated.forecast(question)
    const theirs = seed.forecast(question)
    const constantSds = trailingDays.map((days) => trailingSd(squares, known, Math.round((days * dayMs) / stepMs)))
    if (!ours.ok) return ours.reason
    if (!theirs.ok) return theirs.reason
    if (!constantSds.every((sd) => sd > 0)) return 'come after a trailing window in which the price stood still'
    const fixed = reference.forecast(question)
    const paths = scorer.ensembles.structured(ours.forecast, real[0]!, BigInt(startAtMs))
    errors.add(paths, real)
    const calibratedScore = scorer.score(paths, real)
    const seedPaths = scorer.ensembles.independent(theirs.forecast, real[0]!, BigInt(startAtMs), seedHasFlatFirstPath)
    return {
      startAtMs,
      constants: constantSds.map((sd) => scorer.scoreConstant(sd, real, wantsTotal)),
      reference: fixed.ok
        ? scorer.scoreConstant(Math.sqrt(fixed.forecast[0].process.stepVariances[0]!), real, wantsTotal)
        : undefined,
      seed: scorer.score(seedPaths, real),
      calibrated: calibratedScore,
    }
  }
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

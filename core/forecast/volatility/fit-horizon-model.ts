import { hourSeconds } from '#core/base/time/units'
import type { HorizonModel, HorizonStretch } from './horizon-model.ts'
import { fitLogLinear, type LogLinearRows } from './log-linear-fit.ts'
import { moveAtMs, type PriceSeries, signedReturnsBps } from './price-series.ts'
import { advanceScaleBank, createScaleBank, readRegressors, regressorCount } from './scale-bank.ts'
import { fitWeekCurve, type LevelOf, scaleAt, type WeekCurve, type WeekCurveOptions } from './week-curve.ts'

export interface HorizonFitOptions {
  readonly halfLivesSteps: readonly number[]
  /** Which of them also measure how one-sided the moves were. */
  readonly trendScales: readonly number[]
  readonly curve: WeekCurveOptions
  /** Where the stretches end; the last is the horizon. */
  readonly stretchEnds: readonly number[]
  /** Weights of the half-lives before any data, the same for each stretch; they sum to about one. */
  readonly priorWeights: readonly number[]
  /** Towards those weights, and towards another fit if there is one. */
  readonly pull: { readonly alone: number; readonly withPrior: number }
  /** Only rows at this spacing are used: neighbours say nearly the same. */
  readonly rowSpacing: number
  /** Steps that the memory must have read before a row is used. */
  readonly warmUpSteps: number
}

/** What was learned elsewhere: on earlier prices, or on other markets. */
export type HorizonPrior = Pick<HorizonModel, 'curve' | 'stretches'>

/** Moves above this share are clipped: a jump says little about the hours after it. */
const boundQuantile = 0.9995
const horizonsOfDoublePull = 300
/** In a few weeks volatility rises or falls, and the constant would treat that as normal. */
const horizonsOfConstant = 30
/** With fewer moves a level is not reliable. */
const leastLevelWeight = 20

/** Fits on the closes before `until`, and on nothing after them: no row's target reaches `until`. */
export function fitHorizonModel(
  series: PriceSeries,
  until: number,
  options: HorizonFitOptions,
  prior?: HorizonPrior,
): HorizonModel | null {
  const moves = signedReturnsBps(series, until)
  const curve = fitCurve(series, moves, options, prior?.curve)
  const relative = moves.map((move, i) => move / scaleAt(curve, moveAtMs(series, i)))
  const moveBound = quantileOf(relative.map(Math.abs), boundQuantile)
  const rows = collectRows(relative, moveBound, options)
  if (rows.targets[0]!.length === 0 && prior === undefined) return null
  const width = regressorCount(options.halfLivesSteps.length, options.trendScales.length)
  const stretches = options.stretchEnds.map((toStep, index): HorizonStretch => {
    const usable = dropMissing(rows.regressors, rows.targets[index]!, width)
    const towards = prior?.stretches[index]?.coefficients ?? weightsAlone(options, width)
    return {
      fromStep: options.stretchEnds[index - 1] ?? 0,
      toStep,
      coefficients: fitStretch(usable, towards, options, prior !== undefined),
    }
  })
  const { halfLivesSteps, trendScales } = options
  return { stepSeconds: series.stepSeconds, halfLivesSteps, trendScales, curve, moveBound, stretches }
}

function weightsAlone({ priorWeights }: HorizonFitOptions, width: number): number[] {
  return Array.from({ length: width }, (_, j) => (j === 0 ? 0 : (priorWeights[j - 1] ?? 0)))
}

function fitStretch(
  rows: LogLinearRows,
  towards: readonly number[],
  { pull, rowSpacing, stretchEnds }: HorizonFitOptions,
  hasPrior: boolean,
): number[] {
  // Overlapping rows say little more than one row per horizon; with few of those the prior counts for more.
  const horizons = Math.max(1, (rows.targets.length * rowSpacing) / stretchEnds.at(-1)!)
  const own = (hasPrior ? pull.withPrior : pull.alone) * (1 + horizonsOfDoublePull / horizons)
  return fitLogLinear(rows, towards, own, hasPrior ? horizonsOfConstant / horizons : 0)
}

function fitCurve(
  series: PriceSeries,
  moves: Float64Array,
  { curve }: HorizonFitOptions,
  prior: WeekCurve | undefined,
): WeekCurve {
  const { stepSeconds } = series
  const levelOf: LevelOf = (values, halfLifeHours) => levelBefore(values, (halfLifeHours * hourSeconds) / stepSeconds)
  const data = { moves: moves.map(Math.abs), stepSeconds, atMs: (i: number) => moveAtMs(series, i) }
  return fitWeekCurve(data, levelOf, curve, prior)
}

/** Average of the moves before each: known before the step that it is compared with. */
function levelBefore(moves: Float64Array, halfLifeSteps: number): Float64Array {
  const bank = createScaleBank([halfLifeSteps])
  return moves.map((move) => {
    const level = bank.weights[0]! > leastLevelWeight ? bank.sums[0]! / bank.weights[0]! : Number.NaN
    advanceScaleBank(bank, move)
    return level
  })
}

/** `relative` has signs; targets have none. */
function collectRows(
  relative: Float64Array,
  moveBound: number,
  options: HorizonFitOptions,
): { regressors: number[]; targets: number[][] } {
  const horizon = options.stretchEnds.at(-1)!
  const cumulative = cumulate(relative.map(Math.abs))
  const bank = createScaleBank(options.halfLivesSteps)
  const row = new Float64Array(regressorCount(options.halfLivesSteps.length, options.trendScales.length))
  const regressors: number[] = []
  const targets: number[][] = options.stretchEnds.map(() => [])
  let seen = 0
  for (let i = 0; i + horizon < relative.length; i += 1) {
    if (i % options.rowSpacing === 0 && seen >= options.warmUpSteps && readRegressors(bank, options.trendScales, row)) {
      regressors.push(...row)
      options.stretchEnds.forEach((to, index) => {
        targets[index]!.push(meanBetween(cumulative, i + (options.stretchEnds[index - 1] ?? 0), i + to))
      })
    }
    const value = relative[i]!
    if (!Number.isNaN(value)) seen += 1
    advanceScaleBank(bank, Math.max(-moveBound, Math.min(moveBound, value)))
  }
  return { regressors, targets }
}

interface Cumulative {
  readonly sums: Float64Array
  readonly counts: Int32Array
}

function cumulate(values: Float64Array): Cumulative {
  const sums = new Float64Array(values.length + 1)
  const counts = new Int32Array(values.length + 1)
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]!
    const isThere = !Number.isNaN(value)
    sums[i + 1] = sums[i]! + (isThere ? value : 0)
    counts[i + 1] = counts[i]! + (isThere ? 1 : 0)
  }
  return { sums, counts }
}

/** NaN when fewer than half of the steps were observed. */
function meanBetween({ sums, counts }: Cumulative, from: number, to: number): number {
  const count = counts[to]! - counts[from]!
  return 2 * count < to - from ? Number.NaN : (sums[to]! - sums[from]!) / count
}

function dropMissing(regressors: readonly number[], targets: readonly number[], width: number): LogLinearRows {
  const kept = targets.flatMap((target, row) => (Number.isNaN(target) ? [] : [row]))
  const rows = new Float64Array(kept.length * width)
  kept.forEach((row, index) => {
    for (let j = 0; j < width; j += 1) rows[index * width + j] = regressors[row * width + j]!
  })
  return { regressors: rows, width, targets: Float64Array.from(kept, (row) => targets[row]!) }
}

function quantileOf(values: Float64Array, share: number): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.POSITIVE_INFINITY
}

import type { HorizonModel, HorizonStretch } from './horizon-model.ts'
import { fitLogLinear } from './log-linear-fit.ts'
import { absoluteReturnsBps, moveAtMs, type PriceSeries } from './price-series.ts'
import { advanceScaleBank, createScaleBank, logScales } from './scale-bank.ts'
import { fitWeekCurve, scaleAt } from './week-curve.ts'

export interface HorizonFitOptions {
  readonly halfLivesSteps: readonly number[]
  /** Where the stretches end; the last is the horizon. */
  readonly stretchEnds: readonly number[]
  /** Weights of the half-lives before any data, for each stretch alike; they sum to about one. */
  readonly priorWeights: readonly number[]
  readonly pull: number
  /** Only rows on this spacing are used: neighbours tell nearly the same. */
  readonly rowSpacing: number
  /** Steps that the memory must have seen before a row is used. */
  readonly warmUpSteps: number
}

/** Share of moves above which they are bounded: a jump says little about the hours after it. */
const boundQuantile = 0.9995
const horizonsOfDoublePull = 300
const levelHalfLifeMs = 2 * 86_400_000

/** Fits on the closes before `until`, and on nothing after them: no row's target reaches `until`. */
export function fitHorizonModel(series: PriceSeries, until: number, options: HorizonFitOptions): HorizonModel | null {
  const moves = absoluteReturnsBps(series)
  const curve = fitWeekCurve(moves, slowLevel(moves, series.stepSeconds, until), (i) => moveAtMs(series, i), until)
  const relative = new Float64Array(until)
  for (let i = 0; i < until; i += 1) relative[i] = moves[i]! / scaleAt(curve, moveAtMs(series, i))
  const moveBound = quantileOf(relative, boundQuantile)
  const rows = collectRows(relative, moveBound, options)
  if (rows.targets[0]!.length === 0) return null
  const prior = [0, ...options.priorWeights]
  const stretches = options.stretchEnds.map((toStep, index): HorizonStretch => {
    const usable = dropMissing(rows.regressors, rows.targets[index]!, prior.length)
    return {
      fromStep: options.stretchEnds[index - 1] ?? 0,
      toStep,
      coefficients: fitLogLinear(usable, prior, pullFor(usable.targets.length, options)),
    }
  })
  return { stepSeconds: series.stepSeconds, halfLivesSteps: options.halfLivesSteps, curve, moveBound, stretches }
}

/** Overlapping rows tell little more than one a horizon; with few of those the prior counts for more. */
function pullFor(rows: number, { pull, rowSpacing, stretchEnds }: HorizonFitOptions): number {
  const horizons = (rows * rowSpacing) / stretchEnds.at(-1)!
  return pull * (1 + horizonsOfDoublePull / Math.max(1, horizons))
}

/** Average absolute move of the last days, known before the step it is compared with. */
function slowLevel(moves: Float64Array, stepSeconds: number, until: number): Float64Array {
  const bank = createScaleBank([levelHalfLifeMs / (stepSeconds * 1000)])
  const level = new Float64Array(moves.length).fill(Number.NaN)
  for (let i = 0; i < until; i += 1) {
    if (bank.weights[0]! > 20) level[i] = bank.sums[0]! / bank.weights[0]!
    advanceScaleBank(bank, moves[i]!)
  }
  return level
}

function collectRows(
  relative: Float64Array,
  moveBound: number,
  options: HorizonFitOptions,
): { regressors: number[]; targets: number[][] } {
  const horizon = options.stretchEnds.at(-1)!
  const cumulative = cumulate(relative)
  const bank = createScaleBank(options.halfLivesSteps)
  const row = new Float64Array(options.halfLivesSteps.length + 1)
  const regressors: number[] = []
  const targets: number[][] = options.stretchEnds.map(() => [])
  let seen = 0
  for (let i = 0; i + horizon < relative.length; i += 1) {
    if (i % options.rowSpacing === 0 && seen >= options.warmUpSteps && logScales(bank, row)) {
      regressors.push(...row)
      options.stretchEnds.forEach((to, index) => {
        targets[index]!.push(meanBetween(cumulative, i + (options.stretchEnds[index - 1] ?? 0), i + to))
      })
    }
    const value = relative[i]!
    if (!Number.isNaN(value)) seen += 1
    advanceScaleBank(bank, Math.min(value, moveBound))
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

function dropMissing(regressors: readonly number[], targets: readonly number[], width: number) {
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

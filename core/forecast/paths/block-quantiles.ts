/**
 * From a histogram of the log of a conditional standard deviation to the quantiles of the normal scale mixture that it
 * makes: P(X > x) = sum over bins of weight * P(Z > x / deviation). On logarithmic grids of equal width the sum is a
 * correlation with one fixed table. Lengths are relative to the target standard deviation of the whole law.
 */
import type { Arena } from './arena.ts'
import { exp } from './distributions/elementary.ts'
import { normalLaw } from './distributions/symmetric-law.ts'
import type { PathMath } from './path-math.ts'

/** The grid of the mixing. Values are counted in finer bins, which are then split between the two nearest of these. */
const gridPerUnit = 16
const finePerGrid = 8
export const binsPerUnit = gridPerUnit * finePerGrid
const lowestLogDeviation = -6
const highestLogDeviation = 5
export const binCount = (highestLogDeviation - lowestLogDeviation) * binsPerUnit + 1
const deviationCount = (highestLogDeviation - lowestLogDeviation) * gridPerUnit + 1
/** The bin of log-deviation 0. */
export const zeroBin = -lowestLogDeviation * binsPerUnit

/** Chebyshev: less than 1 / 2048 of any law is more than 32 standard deviations from zero, 1 / 4096 on each side. */
const lowestLogX = -6.5
const highestLogX = 3.5
const gridCount = (highestLogX - lowestLogX) * gridPerUnit + 1
/** Slopes are taken from two neighbours on each side. */
const margin = 2
const paddedGridCount = gridCount + 2 * margin

/** How far above its neighbour the outermost quantile may go to include the variance beyond it. */
const largestTopRatio = 4

export interface QuantileWorkspace {
  /** Tails of a normal law on the grid, one for each deviation. */
  readonly tails: readonly Float64Array[]
  readonly survival: Float64Array
}

export function makeQuantileWorkspace(arena: Arena): QuantileWorkspace {
  const table = arena.take(paddedGridCount + deviationCount - 1)
  table.set(normalTails())
  const tails = Array.from({ length: deviationCount }, (_, i) => {
    // x / deviation on the logarithmic grid: the larger the deviation, the earlier in the table.
    const start = deviationCount - 1 - i
    return table.subarray(start, start + paddedGridCount)
  })
  return { tails, survival: arena.take(paddedGridCount) }
}

export const quantileWorkspaceLength = 2 * paddedGridCount + deviationCount + 32

let cachedTails: Float64Array | undefined

/** P(Z > e^d), from the smallest d (lowest x, highest deviation) up. */
function normalTails(): Float64Array {
  cachedTails ??= Float64Array.from({ length: paddedGridCount + deviationCount - 1 }, (_, i) =>
    normalLaw.upperTail(exp((i - margin) / gridPerUnit + lowestLogX - highestLogDeviation)),
  )
  return cachedTails
}

/**
 * Writes ascending quantiles, the medians of equally likely strata, to `targets`. The outermost pair is moved so that
 * their mean square is 1: medians alone leave out the variance beyond them.
 */
export function quantilesOf(
  targets: Float64Array,
  histogram: Float64Array,
  { tails, survival }: QuantileWorkspace,
  math: PathMath,
): void {
  mixTails(survival, histogram, tails, math)
  const count = targets.length
  const half = Math.floor(count / 2)
  let squares = 0
  let cell = paddedGridCount - margin - 2
  for (let i = 0; i < half; i += 1) {
    const probability = (i + 0.5) / count
    while (cell > margin && survival[cell]! < probability) cell -= 1
    const x = invert(survival, cell, probability)
    targets[count - 1 - i] = x
    if (i > 0) squares += 2 * x * x
  }
  if (half > 0) {
    const next = half > 1 ? targets[count - 2]! : 0
    const rest = Math.sqrt(Math.max(count - squares, 0) / 2)
    targets[count - 1] = next > 0 ? Math.min(Math.max(rest, next), largestTopRatio * next) : rest
    // Counting in bins can make a law slightly too wide; then nothing is left for the outermost pair.
    if (rest < next) {
      const narrower = Math.sqrt(count / (squares + 2 * next * next))
      for (let i = count - half; i < count; i += 1) targets[i] = targets[i]! * narrower
    }
  }
  if (count % 2 === 1) targets[half] = 0
  for (let i = 0; i < half; i += 1) targets[i] = -targets[count - 1 - i]!
}

function mixTails(
  survival: Float64Array,
  histogram: Float64Array,
  tails: readonly Float64Array[],
  math: PathMath,
): void {
  survival.fill(0)
  let total = 0
  for (const weight of histogram) total += weight
  for (const [i, tail] of tails.entries()) {
    const weight = gatherWeight(histogram, i)
    if (weight > 0) math.addScaled(survival, weight / total, tail)
  }
}

/** The share that the fine bins around a grid point give it: a triangle that falls to zero at its neighbours. */
function gatherWeight(histogram: Float64Array, gridPoint: number): number {
  const centre = gridPoint * finePerGrid
  let weight = histogram[centre]!
  for (let offset = 1; offset < finePerGrid; offset += 1) {
    weight += (1 - offset / finePerGrid) * ((histogram[centre - offset] ?? 0) + (histogram[centre + offset] ?? 0))
  }
  return weight
}

/** x where the survival function is `probability`, in the cell from grid point `cell` to the next. */
function invert(survival: Float64Array, cell: number, probability: number): number {
  const left = survival[cell]!
  const right = survival[cell + 1]!
  const logX = lowestLogX + (cell - margin) / gridPerUnit
  // Left of the grid the law is nearly uniform.
  if (probability > left) return (exp(logX) * (0.5 - probability)) / (0.5 - left)
  if (!(left > right)) return exp(logX)
  // The inverse function as a cubic through both ends with the slopes of the survival function there.
  const share = (left - probability) / (left - right)
  const slopeLeft = (right - left) / slopeAt(survival, cell)
  const slopeRight = (right - left) / slopeAt(survival, cell + 1)
  const bend = slopeLeft + slopeRight - 2
  const bounded = share * (slopeLeft + share * (3 - 2 * slopeLeft - slopeRight + share * bend))
  const position = Number.isFinite(bounded) ? Math.min(Math.max(bounded, 0), 1) : share
  return exp(logX + position / gridPerUnit)
}

/** Change per cell, from a cubic through two neighbours on each side. */
function slopeAt(survival: Float64Array, at: number): number {
  return (8 * (survival[at + 1]! - survival[at - 1]!) - (survival[at + 2]! - survival[at - 2]!)) / 12
}

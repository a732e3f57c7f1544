import { type FactCell, pitBins } from '../replay/prediction-facts.ts'

/** Sums over many increments. Two tallies can be added, so that days can be drawn repeatedly. */
export interface Tally {
  count: number
  crpsSum: number
  realSquares: number
  forecastVariance: number
  readonly pit: Float64Array
  /** Increments with a known position relative to the middle 95 %, and how many were outside. */
  outerCount: number
  outside: number
}

export function emptyTally(): Tally {
  return {
    count: 0,
    crpsSum: 0,
    realSquares: 0,
    forecastVariance: 0,
    pit: new Float64Array(pitBins),
    outerCount: 0,
    outside: 0,
  }
}

export function addToTally(tally: Tally, cell: FactCell): void {
  addSums(tally, cell)
  if (cell.outer === undefined) return
  tally.outerCount += cell.count
  tally.outside += cell.outer[0] + cell.outer[1]
}

export function addTallies(tally: Tally, other: Readonly<Tally>): void {
  addSums(tally, other)
  tally.outerCount += other.outerCount
  tally.outside += other.outside
}

function addSums(
  tally: Tally,
  cell: Pick<Tally, 'count' | 'crpsSum' | 'realSquares' | 'forecastVariance'> & { readonly pit: ArrayLike<number> },
): void {
  tally.count += cell.count
  tally.crpsSum += cell.crpsSum
  tally.realSquares += cell.realSquares
  tally.forecastVariance += cell.forecastVariance
  for (let bin = 0; bin < pitBins; bin += 1) tally.pit[bin]! += cell.pit[bin]!
}

/** Share of increments below the forecast's own quantile of this level, a multiple of the width of a bin. */
export function coverageAt(tally: Tally, level: number): number {
  const bins = Math.round(level * pitBins)
  let below = 0
  for (let bin = 0; bin < bins; bin += 1) below += tally.pit[bin]!
  return below / tally.count
}

/** Share within the middle 95 % of the paths; NaN if no row has it. */
export function middle95Of(tally: Tally): number {
  return 1 - tally.outside / tally.outerCount
}

/** Realised over forecast variance: above 1 the forecast was too narrow. One large move can dominate it. */
export function varianceRatio(tally: Tally): number {
  return tally.realSquares / tally.forecastVariance
}

/**
 * How much wider the forecast was than the truth, from the share of increments in its middle half: 1 is right, 1.12 is
 * 12 % too wide. It uses the centre, which decides the score, and no single jump changes it.
 */
export function widthOf(tally: Tally): number {
  const inside = coverageAt(tally, 0.75) - coverageAt(tally, 0.25)
  return inverseNormal(0.5 + inside / 2) / quartileOfNormal
}

const quartileOfNormal = 0.674_489_750_196_081_7

/** Newton's method on the distribution function; infinite when every increment was inside. */
function inverseNormal(probability: number): number {
  if (probability >= 1) return Number.POSITIVE_INFINITY
  let x = 0
  for (let round = 0; round < 60; round += 1) {
    const step = (normalBelow(x) - probability) / (Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI))
    // Far out the slope is nearly 0: a full step would jump over the root permanently.
    x -= Math.max(-1, Math.min(1, step))
    if (Math.abs(step) < 1e-12) break
  }
  return x
}

/** By its series, exact to double precision for the arguments used here. */
function normalBelow(x: number): number {
  let term = x
  let sum = x
  for (let k = 1; Math.abs(term) > 1e-17 * Math.abs(sum) && k < 400; k += 1) {
    term *= (x * x) / (2 * k + 1)
    sum += term
  }
  return 0.5 + (sum * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI)
}

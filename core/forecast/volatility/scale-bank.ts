/**
 * Exponential averages of the same series at several half-lives: the memory of a volatility model. Numerator and weight
 * decay together, so a gap in the minutes ages the memory and does not count as "no move".
 */
export interface ScaleBank {
  readonly halfLivesSteps: readonly number[]
  /** Of absolute moves. */
  readonly sums: Float64Array
  /** Of moves with their sign: how much of the movement went one way. */
  readonly signedSums: Float64Array
  readonly weights: Float64Array
  /** Of one step. */
  readonly decays: Float64Array
}

export function createScaleBank(halfLivesSteps: readonly number[]): ScaleBank {
  return {
    halfLivesSteps,
    sums: new Float64Array(halfLivesSteps.length),
    signedSums: new Float64Array(halfLivesSteps.length),
    weights: new Float64Array(halfLivesSteps.length),
    decays: Float64Array.from(halfLivesSteps, (halfLife) => 2 ** (-1 / halfLife)),
  }
}

/** One step further, with a move and its sign; a missing one (NaN) only ages the memory. */
export function advanceScaleBank(bank: ScaleBank, move: number, elapsedSteps = 1): void {
  const { sums, signedSums, weights } = bank
  const size = Math.abs(move)
  const isThere = !Number.isNaN(move)
  for (let j = 0; j < sums.length; j += 1) {
    const decay = elapsedSteps === 1 ? bank.decays[j]! : 2 ** (-elapsedSteps / bank.halfLivesSteps[j]!)
    sums[j]! *= decay
    signedSums[j]! *= decay
    weights[j]! *= decay
    if (isThere) {
      sums[j]! += size
      signedSums[j]! += move
      weights[j]! += 1
    }
  }
}

/** The smallest scale that differs from a market that stands still. */
const leastScale = 0.03
/** In a market without a trend, the standard deviation of this value is about 0.7. */
const mostTrend = 3

/** After a constant: the log of each average, then for each of `trends` the trend and its size. */
export function regressorCount(halfLives: number, trends: number): number {
  return 1 + halfLives + 2 * trends
}

/** The regressors of the horizon model. False until a move was read. */
export function readRegressors(bank: ScaleBank, trendScales: readonly number[], into: Float64Array): boolean {
  const count = bank.halfLivesSteps.length
  into[0] = 1
  for (let j = 0; j < count; j += 1) {
    if (bank.weights[j]! < 1e-9) return false
    into[j + 1] = Math.log(Math.max(bank.sums[j]! / bank.weights[j]!, leastScale))
  }
  trendScales.forEach((j, index) => {
    const trend = trendOf(bank, j)
    into[1 + count + 2 * index] = trend
    into[2 + count + 2 * index] = Math.abs(trend)
  })
  return true
}

/** How far the price went one way relative to how much it moved, in units that do not depend on the half-life. */
function trendOf({ sums, signedSums, weights, halfLivesSteps }: ScaleBank, j: number): number {
  const share = signedSums[j]! / Math.max(sums[j]!, leastScale * weights[j]!)
  const trend = (share * Math.sqrt(Math.min(halfLivesSteps[j]!, weights[j]!))) / 1.2
  return Math.max(-mostTrend, Math.min(mostTrend, trend))
}

/**
 * Exponential averages of the same series at several half-lives: the memory of a volatility model. Numerator and
 * weight decay together, so that a gap in the minutes ages the memory without pretending that nothing moved.
 */
export interface ScaleBank {
  readonly halfLivesSteps: readonly number[]
  readonly sums: Float64Array
  readonly weights: Float64Array
  /** Of one step. */
  readonly decays: Float64Array
}

export function createScaleBank(halfLivesSteps: readonly number[]): ScaleBank {
  return {
    halfLivesSteps,
    sums: new Float64Array(halfLivesSteps.length),
    weights: new Float64Array(halfLivesSteps.length),
    decays: Float64Array.from(halfLivesSteps, (halfLife) => 2 ** (-1 / halfLife)),
  }
}

/** One step on; a missing value (NaN) only ages. */
export function advanceScaleBank(bank: ScaleBank, value: number, elapsedSteps = 1): void {
  for (let j = 0; j < bank.halfLivesSteps.length; j += 1) {
    const decay = elapsedSteps === 1 ? bank.decays[j]! : 2 ** (-elapsedSteps / bank.halfLivesSteps[j]!)
    bank.sums[j]! *= decay
    bank.weights[j]! *= decay
    if (!Number.isNaN(value)) {
      bank.sums[j]! += value
      bank.weights[j]! += 1
    }
  }
}

/** The least scale that is told apart from a market that stands still. */
const leastScale = 0.03

/** Log of each average, after a constant: the regressors of the horizon model. False until something was seen. */
export function logScales(bank: ScaleBank, into: Float64Array): boolean {
  into[0] = 1
  for (let j = 0; j < bank.halfLivesSteps.length; j += 1) {
    if (bank.weights[j]! < 1e-9) return false
    into[j + 1] = Math.log(Math.max(bank.sums[j]! / bank.weights[j]!, leastScale))
  }
  return true
}

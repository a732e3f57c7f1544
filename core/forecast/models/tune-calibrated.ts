import type { CalibratedTuning } from '../parameters/asset-parameters.ts'
import type { CalibratedParameters } from './calibrated-parameters.ts'

type FittedSet = Pick<CalibratedParameters, 'model' | 'shape'>

/** The fitted set with an asset's departures from it. Without any it is the set itself. */
export function tuneCalibrated({ model, shape }: FittedSet, tuning: CalibratedTuning = {}): FittedSet {
  const { level = 1, levelSd = 1, tail = 1, memory = 0 } = tuning
  return {
    model: memory === 0 ? model : shiftMemory(model, memory),
    shape: {
      ...shape,
      rmsFactor: shape.rmsFactor * level,
      pathLogSd: shape.pathLogSd * levelSd,
      stepLogSd: shape.stepLogSd * tail,
    },
  }
}

/**
 * Weights move along the half-lives, and their sum stays: while all averages are equal, the forecast is what it was.
 * Which way prices went keeps its weight.
 */
function shiftMemory(model: FittedSet['model'], memory: number): FittedSet['model'] {
  const share = Math.abs(memory)
  const last = model.halfLivesSteps.length
  const giver = memory > 0 ? 1 : -1
  const shift = (coefficients: readonly number[]): number[] =>
    coefficients.map((own, j) => {
      // The constant is before the weights, the trends are behind them.
      if (j < 1 || j > last) return own
      const keeps = j === (memory > 0 ? 1 : last) ? 1 : 1 - share
      const isGiven = j + giver >= 1 && j + giver <= last
      return keeps * own + (isGiven ? share * coefficients[j + giver]! : 0)
    })
  return {
    ...model,
    stretches: model.stretches.map((stretch) => ({ ...stretch, coefficients: shift(stretch.coefficients) })),
  }
}

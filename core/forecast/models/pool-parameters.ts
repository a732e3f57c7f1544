import { poolWeekCurves } from '../volatility/week-curve.ts'
import { type CalibratedParameters, CalibratedParametersSchema } from './calibrated-parameters.ts'

/** Name of the set for assets that have no set of their own. */
export const pooledAsset = 'POOL'

/**
 * What several markets have in common: the average of their sets, each weighted by its number of prices. All must have
 * the same grid and model. A market with few prices of its own starts from it.
 */
export function poolParameters(asset: string, sets: readonly CalibratedParameters[]): CalibratedParameters | undefined {
  const [first] = sets
  if (first === undefined) return undefined
  const weights = sets.map(({ window }) => window.observedSteps)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const average = (figureOf: (set: CalibratedParameters) => number): number =>
    sets.reduce((sum, set, i) => sum + (weights[i]! / total) * figureOf(set), 0)
  return CalibratedParametersSchema.parse({
    version: first.version,
    asset,
    model: {
      ...first.model,
      curve: poolWeekCurves(sets.map(({ model }, i) => ({ curve: model.curve, weight: weights[i]! }))),
      moveBound: average(({ model }) => model.moveBound),
      stretches: first.model.stretches.map(({ fromStep, toStep, coefficients }, stretch) => ({
        fromStep,
        toStep,
        coefficients: coefficients.map((_, j) => average(({ model }) => model.stretches[stretch]!.coefficients[j]!)),
      })),
    },
    shape: {
      rmsFactor: average(({ shape }) => shape.rmsFactor),
      pathLogSd: average(({ shape }) => shape.pathLogSd),
      driftingLogSd: average(({ shape }) => shape.driftingLogSd),
      driftingHalfLifeSeconds: average(({ shape }) => shape.driftingHalfLifeSeconds),
      stepLogSd: average(({ shape }) => shape.stepLogSd),
    },
    window: {
      fromMs: Math.min(...sets.map(({ window }) => window.fromMs)),
      toMs: Math.max(...sets.map(({ window }) => window.toMs)),
      observedSteps: total,
    },
  })
}

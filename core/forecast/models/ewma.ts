import { dayMinutes } from '#core/base/time/units'
import { horizonOf } from '#core/synth/prompts/horizon'
import type { AssetParameters } from '../parameters/asset-parameters.ts'
import { varianceFloor } from '../parameters/variance-floor.ts'
import { singlePart, type Tails } from '../paths/process-parameters.ts'
import type { EwmaState } from './ewma-state.ts'
import type { ForecastQuestion, ModelAnswer, VolatilityModel } from './volatility-model.ts'

/** Above this a Student-t is a normal law for everything that is scored. */
const normalDegreesOfFreedom = 100

/**
 * One variance from the minutes so far, the same at every step: the answer when nothing better is available. Its steps
 * have exactly this variance, unlike the older miner's (./seed.ts), whose tails widened them.
 */
export class EwmaModel implements VolatilityModel {
  readonly name = 'ewma'
  readonly #readState: (asset: string) => EwmaState | undefined
  readonly #parametersOf: (asset: string) => AssetParameters

  constructor(readState: (asset: string) => EwmaState | undefined, parametersOf: (asset: string) => AssetParameters) {
    this.#readState = readState
    this.#parametersOf = parametersOf
  }

  forecast(question: ForecastQuestion): ModelAnswer {
    const { asset } = question
    const state = this.#readState(asset)
    // A default is not an estimate; the last rung has a better one.
    if (state === undefined || state.isDegraded)
      return { ok: false, reason: `too few minutes of ${asset} are recorded yet` }
    return {
      ok: true,
      ...spreadVariance(state.variance, question, this.#parametersOf(asset)),
      isDegraded: false,
    }
  }
}

/** A minute's variance over all steps, within the cap of a day. */
export function spreadVariance(minuteVariance: number, question: ForecastQuestion, parameters: AssetParameters) {
  const { asset, stepSeconds, stepCount } = question
  const { df, sigmaCapDaily, shrinkHigh } = parameters
  const stepMinutes = stepSeconds / 60
  const largest = (sigmaCapDaily ** 2 * stepMinutes) / dayMinutes
  const uncapped = Math.max(minuteVariance, varianceFloor(asset)) * stepMinutes
  const variance = Math.min(uncapped, largest) * (horizonOf(stepSeconds * stepCount) === 'high' ? shrinkHigh ** 2 : 1)
  const tails: Tails = df > normalDegreesOfFreedom ? { kind: 'normal' } : { kind: 'student', degreesOfFreedom: df }
  const stepVariances = new Float64Array(stepCount).fill(variance)
  const forecast = singlePart({ stepSeconds, stepVariances, volatilityFactors: [], tails })
  return { forecast, isCapped: uncapped > largest }
}

import { dayMinutes, dayMs, minuteMs } from '#core/base/time/units'
import { horizonOf } from '#core/synth/prompts/horizon'
import type { AssetParameters } from '../parameters/asset-parameters.ts'
import { defaultParameters } from '../parameters/default-parameters.ts'
import { seedDefaults, seedVarianceFloor } from '../parameters/seed-defaults.ts'
import { singlePart, type Tails } from '../paths/process-parameters.ts'
import type { EwmaState } from './ewma-state.ts'
import type { ForecastQuestion, ModelAnswer, VolatilityModel } from './volatility-model.ts'

export interface SeedOptions {
  /** `original`: a share's day-long forecast is flat when the exchange is closed at its start. */
  readonly equitySession: 'original' | 'off'
}

/** Its tunable numbers; lambda belongs to the state. */
export type SeedParameters = Pick<AssetParameters, 'df' | 'sigmaCapDaily' | 'shrinkHigh'>

/** Its first path never moves; the sampler has an option for it. */
export const seedHasFlatFirstPath = true
const leastStepSd = 1e-8
/** From here on the older miner used normal tails for shares. */
const normalDegreesOfFreedom = 20

/** The older EWMA/Student-t miner, kept so that it can be reproduced and beaten. */
export class SeedModel implements VolatilityModel {
  readonly name = 'seed'
  readonly #readState: (asset: string) => EwmaState | undefined
  readonly #options: SeedOptions
  readonly #readParameters: (asset: string) => SeedParameters

  constructor(
    readState: (asset: string) => EwmaState | undefined,
    options: SeedOptions = { equitySession: 'original' },
    readParameters: (asset: string) => SeedParameters = defaultParameters,
  ) {
    this.#readState = readState
    this.#options = options
    this.#readParameters = readParameters
  }

  forecast(question: ForecastQuestion): ModelAnswer {
    const { asset, startAtMs, stepSeconds, stepCount } = question
    const { isEquity, startVariance } = seedDefaults(asset)
    const { df, sigmaCapDaily, shrinkHigh } = this.#readParameters(asset)
    const state = this.#readState(asset)
    const variance = Math.max(state?.variance ?? startVariance, seedVarianceFloor)
    const stepMinutes = stepSeconds / 60
    const cap = sigmaCapDaily / Math.sqrt(dayMinutes / stepMinutes)
    const isHigh = horizonOf(stepSeconds * stepCount) === 'high'
    const uncapped = Math.sqrt(variance * stepMinutes)
    let stepSd = Math.max(Math.min(uncapped, cap), leastStepSd)
    if (isHigh) stepSd *= shrinkHigh
    const isFlat = this.#options.equitySession === 'original' && isEquity && !isHigh && !isFixedSession(startAtMs)
    if (isFlat) stepSd = leastStepSd
    const isNormal = isEquity && df >= normalDegreesOfFreedom
    const tails: Tails = isNormal ? { kind: 'normal' } : { kind: 'student', degreesOfFreedom: df }
    // Its Student-t draws were not scaled to variance 1: they widen the step by df / (df - 2).
    const widening = isNormal ? 1 : df / (df - 2)
    const stepVariances = new Float64Array(stepCount).fill(stepSd ** 2 * widening)
    return {
      ok: true,
      forecast: singlePart({ stepSeconds, stepVariances, volatilityFactors: [], tails }),
      isDegraded: state?.isDegraded ?? true,
      isCapped: uncapped > cap,
    }
  }
}

/** 14:30 to 21:00 UTC on working days; it ignores summer time and holidays. */
function isFixedSession(atMs: number): boolean {
  const day = Math.floor(atMs / dayMs)
  const weekday = (day + 4) % 7
  const minute = (atMs - day * dayMs) / minuteMs
  return weekday >= 1 && weekday <= 5 && minute >= 870 && minute < 1260
}

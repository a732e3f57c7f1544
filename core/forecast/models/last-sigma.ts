import { dayMinutes } from '#core/base/time/units'
import { seedDefaults } from '../parameters/seed-defaults.ts'
import { singlePart } from '../paths/process-parameters.ts'
import type { EwmaState } from './ewma-state.ts'
import type { ForecastQuestion, ModelAnswer, VolatilityModel } from './volatility-model.ts'

/** A day that moves by a quarter of the price; a stored value above this is damage. */
const largestMinuteVariance = 0.25 ** 2 / dayMinutes
const leastMinuteVariance = 1e-10

/**
 * The last rung: it always answers. It uses the last known variance, however old, else a typical one for the asset,
 * with normal steps. Nothing in it can fail.
 */
export class LastSigmaModel implements VolatilityModel {
  readonly name = 'lastSigma'
  readonly #readState: (asset: string) => EwmaState | undefined
  readonly #hourlySdOf: (asset: string) => number | undefined

  constructor(readState: (asset: string) => EwmaState | undefined, hourlySdOf: (asset: string) => number | undefined) {
    this.#readState = readState
    this.#hourlySdOf = hourlySdOf
  }

  forecast({ asset, stepSeconds, stepCount }: ForecastQuestion): ModelAnswer & { ok: true } {
    const variance = this.#lastKnown(asset) ?? this.#typical(asset)
    const bounded = Math.min(Math.max(variance, leastMinuteVariance), largestMinuteVariance)
    const stepVariances = new Float64Array(stepCount).fill((bounded * stepSeconds) / 60)
    const process = { stepSeconds, stepVariances, volatilityFactors: [], tails: { kind: 'normal' } } as const
    return { ok: true, forecast: singlePart(process), isDegraded: true }
  }

  #lastKnown(asset: string): number | undefined {
    let state: EwmaState | undefined
    try {
      state = this.#readState(asset)
    } catch {
      // Whatever is wrong with the state, this rung must not depend on it.
    }
    // A degraded state is a default, and a worse one than the table's.
    const isKnown = state !== undefined && !state.isDegraded && state.variance > 0 && Number.isFinite(state.variance)
    return isKnown ? state?.variance : undefined
  }

  #typical(asset: string): number {
    const hourlySd = this.#hourlySdOf(asset)
    return hourlySd === undefined ? seedDefaults(asset).startVariance : hourlySd ** 2 / 60
  }
}

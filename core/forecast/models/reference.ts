import { hourSeconds } from '#core/base/time/units'
import { referenceHourlySd } from '#core/synth/regimes/table/reference-sds'
import { singlePart } from '../paths/process-parameters.ts'
import type { ForecastQuestion, ModelAnswer, VolatilityModel } from './volatility-model.ts'

/** Normal steps of one size, whatever the market does: the model that all others are compared with. */
export class ReferenceModel implements VolatilityModel {
  readonly name = 'reference'

  forecast({ asset, stepSeconds, stepCount }: ForecastQuestion): ModelAnswer {
    const hourlySd = referenceHourlySd[asset]
    if (hourlySd === undefined) return { ok: false, reason: `the reference miner has no volatility for ${asset}` }
    const stepVariances = new Float64Array(stepCount).fill((hourlySd ** 2 * stepSeconds) / hourSeconds)
    const process = { stepSeconds, stepVariances, volatilityFactors: [], tails: { kind: 'normal' } } as const
    return { ok: true, forecast: singlePart(process), isDegraded: false }
  }
}

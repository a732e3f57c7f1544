import { hourSeconds } from '#core/base/time/units'
import { singlePart } from '../paths/process-parameters.ts'
import type { ForecastQuestion, ModelAnswer, VolatilityModel } from './volatility-model.ts'

/** Standard deviation of an hour's log-return in the subnet's own example miner. */
export const referenceHourlySd: Readonly<Record<string, number>> = {
  BTC: 0.00541,
  ETH: 0.00766,
  XAU: 0.00312,
  SOL: 0.00858,
  SPYX: 0.00157,
  SP500: 0.00157,
  NVDAX: 0.00338,
  TSLAX: 0.00337,
  AAPLX: 0.00259,
  GOOGLX: 0.00322,
  XRP: 0.00956,
  HYPE: 0.01131,
  WTIOIL: 0.00639,
}

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

/** Process parameters of the size and shape that a calibrated model gives for a liquid coin, without any market data. */
import { hourSeconds } from '#core/base/time/units'
import { type Forecast, singlePart, type Tails, type VolatilityFactor } from '#core/forecast/paths/process-parameters'

export interface Horizon {
  readonly stepSeconds: number
  readonly stepCount: number
}

export const dayHorizon: Horizon = { stepSeconds: 300, stepCount: 288 }
export const hourHorizon: Horizon = { stepSeconds: 60, stepCount: 60 }

/** Basis points in five minutes. */
const fiveMinuteDeviation = 15e-4

/**
 * The level is uncertain, and so are its swings of hours and of minutes: log-sd of a block's volatility from about 0.5 in
 * five minutes to 0.3 in a day.
 */
export const standInFactors: readonly VolatilityFactor[] = [
  { logSd: 0.28, halfLifeSeconds: Number.POSITIVE_INFINITY },
  { logSd: 0.25, halfLifeSeconds: 7200, startLogSd: 0.15 },
  { logSd: 0.33, halfLifeSeconds: 600, startLogSd: 0.2 },
]

/** A busy afternoon with twice the variance of the night. */
export function dailyCurve({ stepSeconds, stepCount }: Horizon): Float64Array {
  return Float64Array.from({ length: stepCount }, (_, k) => {
    const hour = ((k + 0.5) * stepSeconds) / hourSeconds
    const variance = (fiveMinuteDeviation * fiveMinuteDeviation * stepSeconds) / 300
    return variance * (1 + 0.35 * Math.sin((2 * Math.PI * (hour - 9)) / 24))
  })
}

export function standInForecast(horizon: Horizon, tails: Tails = { kind: 'normal' }): Forecast {
  const { stepSeconds } = horizon
  return singlePart({ stepSeconds, stepVariances: dailyCurve(horizon), volatilityFactors: standInFactors, tails })
}

import { type Forecast, meanStepVariances } from '../paths/process-parameters.ts'

export interface ForecastQuestion {
  readonly asset: string
  readonly startAtMs: number
  readonly stepSeconds: number
  readonly stepCount: number
}

export type ModelAnswer =
  /** `isDegraded`: made from defaults, because the model has no or too few minutes of this asset. */
  | {
      readonly ok: true
      readonly forecast: Forecast
      readonly isDegraded: boolean
      /** The cap of a day made it less volatile than the minutes are. */
      readonly isCapped?: boolean
    }
  | { readonly ok: false; readonly reason: string }

/** What every rung of the ladder is: it says how prices may move, and never makes a path. It reads memory only. */
export interface VolatilityModel {
  readonly name: string
  forecast(question: ForecastQuestion): ModelAnswer
}

/** Standard deviation over the whole horizon, for logs and comparisons. */
export function horizonSd(forecast: Forecast): number {
  return Math.sqrt(meanStepVariances(forecast).reduce((sum, variance) => sum + variance, 0))
}

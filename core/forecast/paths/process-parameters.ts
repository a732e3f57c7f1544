/**
 * The port between volatility models and the sampler. A model says how the log-return of each step is distributed and
 * what is uncertain about that; it never makes paths. One part describes
 *
 *   r(path, k) = sqrt(stepVariances[k]) * exp(sum over factors - shift) * tail draw
 *
 * where the factors are normal, the shift keeps E[r^2] at stepVariances[k], and the tail draw has variance 1. There is
 * no drift: the sampler takes half the variance off each step, so that the expected price stays where it starts.
 */
export interface ProcessParameters {
  readonly stepSeconds: number
  /** Variance of the log-return of each step over all paths, uncertainty of the volatility included. May be 0. */
  readonly stepVariances: Float64Array
  /** The uncertainty of the log of the volatility. None: every path has the volatility of the curve. */
  readonly volatilityFactors: readonly VolatilityFactor[]
  readonly tails: Tails
}

/** One normal summand of a path's log-volatility; several with different half-lives make its spread depend on scale. */
export interface VolatilityFactor {
  /** Standard deviation when the factor no longer depends on where it started. */
  readonly logSd: number
  /** Time in which a deviation halves; Infinity: one value for the whole path. */
  readonly halfLifeSeconds: number
  /** Standard deviation at the start, usually `logSd`. 0: the volatility of the first step is known. */
  readonly startLogSd?: number
}

/** Shape of one step given its volatility: symmetric, scaled to variance 1. */
export type Tails =
  | { readonly kind: 'normal' }
  | { readonly kind: 'student'; readonly degreesOfFreedom: number }
  /** Normal components with these standard deviations relative to each other. */
  | { readonly kind: 'mixture'; readonly components: readonly { readonly weight: number; readonly scale: number }[] }

/** Parts of a blend are mixed path by path: each part makes its share of the paths, so it stays calibrated. */
export interface ForecastPart {
  readonly weight: number
  readonly process: ProcessParameters
}

/** What a model, or a blend of several, forecasts for one prompt. */
export type Forecast = readonly [ForecastPart, ...ForecastPart[]]

export function singlePart(process: ProcessParameters): Forecast {
  return [{ weight: 1, process }]
}

/** Mean over the parts, step by step. */
export function meanStepVariances(forecast: Forecast): Float64Array {
  const total = forecast.reduce((sum, part) => sum + part.weight, 0)
  const mean = new Float64Array(forecast[0].process.stepVariances.length)
  for (const { weight, process } of forecast) {
    for (let k = 0; k < mean.length; k += 1) mean[k] = mean[k]! + (weight / total) * process.stepVariances[k]!
  }
  return mean
}

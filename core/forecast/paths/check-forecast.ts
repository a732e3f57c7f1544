import type { Forecast, ForecastPart, Tails, VolatilityFactor } from './process-parameters.ts'

export type ForecastCheck = { readonly ok: true } | { readonly ok: false; readonly reason: string }

/** A step that doubles or halves the price is not a forecast but a mistake of units (per cent, basis points). */
const largestStepVariance = 0.5
const largestLogSd = 2
/** Below this the variance depends on moves that hardly ever happen; the fit has failed. */
const leastDegreesOfFreedom = 2.1
const largestComponentCount = 16
const largestScaleRatio = 1000
const largestFactorCount = 8
const largestPartCount = 16

/**
 * Whether the sampler can make paths from this. A caller of a model whose output is not trusted asks here first, and
 * falls back to another model if not.
 */
export function checkForecast(forecast: Forecast): ForecastCheck {
  const reason = findProblem(forecast)
  return reason === undefined ? { ok: true } : { ok: false, reason }
}

function findProblem(forecast: Forecast): string | undefined {
  if (forecast.length > largestPartCount)
    return `${forecast.length} parts, but at most ${largestPartCount} can be mixed`
  const { stepSeconds, stepVariances } = forecast[0].process
  if (!(stepSeconds > 0 && Number.isFinite(stepSeconds))) return `a step of ${stepSeconds} s`
  if (stepVariances.length === 0) return 'no steps'
  for (const [i, part] of forecast.entries()) {
    const problem = findPartProblem(part)
    if (problem !== undefined) return forecast.length === 1 ? problem : `part ${i}: ${problem}`
    const { process } = part
    if (process.stepSeconds !== stepSeconds || process.stepVariances.length !== stepVariances.length) {
      return `part ${i} has ${process.stepVariances.length} steps of ${process.stepSeconds} s, part 0 has ${stepVariances.length} of ${stepSeconds} s`
    }
  }
  return undefined
}

function findPartProblem({ weight, process }: ForecastPart): string | undefined {
  if (!(weight > 0 && Number.isFinite(weight))) return `a weight of ${weight}`
  const step = process.stepVariances.findIndex((variance) => !(variance >= 0 && variance <= largestStepVariance))
  if (step >= 0) {
    return `variance ${process.stepVariances[step]} at step ${step}, outside 0 to ${largestStepVariance}`
  }
  if (process.volatilityFactors.length > largestFactorCount) {
    return `${process.volatilityFactors.length} volatility factors, but at most ${largestFactorCount} are summed`
  }
  for (const factor of process.volatilityFactors) {
    const problem = findFactorProblem(factor)
    if (problem !== undefined) return problem
  }
  return findTailProblem(process.tails)
}

function findFactorProblem({ logSd, halfLifeSeconds, startLogSd = logSd }: VolatilityFactor): string | undefined {
  for (const sd of [logSd, startLogSd]) {
    if (!(sd >= 0 && sd <= largestLogSd)) return `a log-sd of ${sd}, outside 0 to ${largestLogSd}`
  }
  return halfLifeSeconds > 0 ? undefined : `a half-life of ${halfLifeSeconds} s`
}

function findTailProblem(tails: Tails): string | undefined {
  switch (tails.kind) {
    case 'normal':
      return undefined
    case 'student':
      return tails.degreesOfFreedom >= leastDegreesOfFreedom
        ? undefined
        : `${tails.degreesOfFreedom} degrees of freedom, less than ${leastDegreesOfFreedom}`
    case 'mixture': {
      const { components } = tails
      if (components.length === 0 || components.length > largestComponentCount) {
        return `a mixture of ${components.length} components, outside 1 to ${largestComponentCount}`
      }
      if (!components.every(({ weight, scale }) => weight > 0 && Number.isFinite(weight) && scale > 0)) {
        return 'a mixture component whose weight or scale is not positive'
      }
      const scales = components.map(({ scale }) => scale)
      return Math.max(...scales) <= largestScaleRatio * Math.min(...scales)
        ? undefined
        : `mixture scales more than ${largestScaleRatio} times apart`
    }
  }
}

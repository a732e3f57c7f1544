/** Ensembles of one forecast by several methods, for comparing their noise. */
import type { ScoredInterval } from '#core/forecast/paths/block-plan'
import { PathKernel } from '#core/forecast/paths/kernel/path-kernel'
import { PathSampler, type SampledPaths } from '#core/forecast/paths/path-sampler'
import { type Forecast, meanStepVariances } from '#core/forecast/paths/process-parameters'
import type { MakeEnsemble } from './ensemble-noise.ts'

export interface EnsembleMethods {
  readonly independent: MakeEnsemble
  /** Half of the paths are mirror images of the other half. */
  readonly antithetic: MakeEnsemble
  /** Each step by itself has the forecast's quantiles; sums are left to chance. */
  readonly stratified: MakeEnsemble
  readonly structured: MakeEnsemble
}

const startPrice = 100

export function ensembleMethods(
  forecast: Forecast,
  intervals: readonly ScoredInterval[],
  pathCount = 1000,
): EnsembleMethods {
  const sampler = new PathSampler(new PathKernel())
  const step = { name: 'step', seconds: forecast[0].process.stepSeconds }
  const sample = (seed: bigint, scored: readonly ScoredInterval[] | undefined, count = pathCount) =>
    sampler.sample({
      forecast,
      startPrice,
      pathCount: count,
      seed,
      arrangement: scored === undefined ? { kind: 'independent' } : { kind: 'structured', intervals: scored },
    })
  return {
    independent: (seed) => sample(seed, undefined),
    antithetic: (seed) => withMirrorImages(sample(seed, undefined, pathCount / 2), meanStepVariances(forecast)),
    stratified: (seed) => sample(seed, [step]),
    structured: (seed) => sample(seed, intervals),
  }
}

/** The mirror image of a path has its log-returns with the other sign, about the same drift. */
function withMirrorImages(paths: SampledPaths, stepVariances: Float64Array): SampledPaths {
  const { pathCount, pointCount, values } = paths
  const both = new Float64Array(2 * values.length)
  both.set(values)
  for (let path = 0; path < pathCount; path += 1) {
    let variance = 0
    for (let point = 0; point < pointCount; point += 1) {
      if (point > 0) variance += stepVariances[point - 1]!
      const price = values[path * pointCount + point]!
      both[values.length + path * pointCount + point] = (startPrice * startPrice * Math.exp(-variance)) / price
    }
  }
  return { pathCount: 2 * pathCount, pointCount, values: both }
}

/** Ensembles for the bench, from the sampler that serves. */
import { PathKernel } from '#core/paths/kernel/path-kernel'
import { type Arrangement, PathSampler, type SampledPaths } from '#core/paths/path-sampler'
import { type Forecast, singlePart } from '#core/paths/process-parameters'
import type { ScoringInterval } from '#core/regimes/regime'

export const pathCount = 1000
const templateSd = 1e-4

export class Ensembles {
  readonly #sampler = new PathSampler(new PathKernel())
  readonly #arrangement: Arrangement
  readonly #pointCount: number
  /** Sums of standard normal steps, path after path: all constant volatilities are this one, scaled. */
  readonly #template: Float64Array
  readonly #scaled: Float64Array

  constructor(stepSeconds: number, stepCount: number, intervals: readonly ScoringInterval[]) {
    this.#arrangement = { kind: 'structured', intervals }
    this.#pointCount = stepCount + 1
    const stepVariances = new Float64Array(stepCount).fill(templateSd ** 2)
    const process = { stepSeconds, stepVariances, volatilityFactors: [], tails: { kind: 'normal' } } as const
    const { values } = this.structured(singlePart(process), 1, 1n)
    this.#template = values.map((value, at) => {
      const steps = at % this.#pointCount
      return (Math.log(value) + 0.5 * steps * templateSd ** 2) / templateSd
    })
    this.#scaled = new Float64Array(values.length)
  }

  structured(forecast: Forecast, startPrice: number, seed: bigint): SampledPaths {
    return this.#sampler.sample({ forecast, startPrice, pathCount, seed, arrangement: this.#arrangement })
  }

  independent(forecast: Forecast, startPrice: number, seed: bigint, flatFirstPath: boolean): SampledPaths {
    const arrangement = { kind: 'independent' } as const
    return this.#sampler.sample({ forecast, startPrice, pathCount, seed, arrangement, flatFirstPath })
  }

  constant(stepSd: number, startPrice: number): SampledPaths {
    const drift = -0.5 * stepSd ** 2
    for (let path = 0; path < pathCount; path += 1) {
      const from = path * this.#pointCount
      for (let k = 0; k < this.#pointCount; k += 1) {
        this.#scaled[from + k] = startPrice * Math.exp(stepSd * this.#template[from + k]! + drift * k)
      }
    }
    return { pathCount, pointCount: this.#pointCount, values: this.#scaled }
  }
}

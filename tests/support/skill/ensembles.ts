/** Ensembles for the bench, from the sampler that serves. */
import { PathKernel } from '#core/forecast/paths/kernel/path-kernel'
import { type Arrangement, PathSampler, type SampledPaths } from '#core/forecast/paths/path-sampler'
import { type Forecast, singlePart } from '#core/forecast/paths/process-parameters'
import type { ScoringInterval } from '#core/synth/regimes/regime'
import { sumScore } from '#core/synth/scoring/answer-score'
import type { ScoreOptions } from '#core/synth/scoring/crps'
import { changeBps, noStart, planScore } from '#core/synth/scoring/score-plan'

export const pathCount = 1000
const templateSd = 1e-4

export class Ensembles {
  readonly #sampler = new PathSampler(new PathKernel())
  readonly #arrangement: Arrangement
  readonly #pointCount: number
  /** Sums of standard normal steps, path after path: all constant volatilities are this one, scaled. */
  readonly #template: Float64Array
  readonly #scaled: Float64Array
  /** The template's differences between two points, ascending. */
  readonly #sorted = new Map<number, Float64Array>()

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

  /**
   * The price score of `constant(stepSd, real[0])` without making or sorting its paths: whatever the volatility, the
   * order of the members in a column is that of the template. As the port scores it, but for the storage's rounding.
   */
  scoreConstant(stepSd: number, real: Float64Array, options: ScoreOptions): number {
    const plan = planScore(this.#pointCount, real, options)
    const crps = plan.observed.map((observed, term) => {
      const from = plan.from[term]!
      const to = plan.to[term]!
      const isAbsolute = from === noStart
      const steps = isAbsolute ? to : to - from
      const drift = -0.5 * stepSd ** 2 * steps
      const distance = sortedCrps(this.#differences(isAbsolute ? 0 : from, to), stepSd, drift, toChange(observed))
      return isAbsolute ? distance * real[0]! : distance * 1e4

      /** CRPS scales with its unit: everything is compared as a relative change. */
      function toChange(value: number): number {
        return isAbsolute ? changeBps(real[0]!, value) / 1e4 : value / 1e4
      }
    })
    return sumScore(plan, crps, real.at(-1)!, options.detail).score
  }

  #differences(from: number, to: number): Float64Array {
    const key = from * this.#pointCount + to
    const known = this.#sorted.get(key)
    if (known !== undefined) return known
    const made = Float64Array.from({ length: pathCount }, (_, path) => {
      const row = path * this.#pointCount
      return this.#template[row + to]! - this.#template[row + from]!
    }).sort()
    this.#sorted.set(key, made)
    return made
  }
}

/** CRPS of `observed` against expm1(sd * z + drift) over ascending z: the area between the distribution functions, squared. */
function sortedCrps(z: Float64Array, sd: number, drift: number, observed: number): number {
  const weight = 1 / z.length
  let integral = 0
  let previous = Math.expm1(sd * z[0]! + drift)
  if (observed < previous) integral += previous - observed
  for (let i = 1; i < z.length; i += 1) {
    const member = Math.expm1(sd * z[i]! + drift)
    const below = i * weight
    const above = 1 - below
    if (observed >= member) integral += (member - previous) * below * below
    else if (observed <= previous) integral += (member - previous) * above * above
    else integral += (observed - previous) * below * below + (member - observed) * above * above
    previous = member
  }
  return observed > previous ? integral + (observed - previous) : integral
}

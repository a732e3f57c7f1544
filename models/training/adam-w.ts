import { sizeOf } from '#models/graph/graph'
import type { ParameterFact } from '#models/graph/scope'

export interface AdamWSettings {
  readonly betas: readonly [number, number]
  readonly epsilon: number
  readonly weightDecay: number
}

/** Everything that the next step depends on, beside the weights. In double precision: sums of many small terms. */
export interface Moments {
  readonly first: Float64Array
  readonly second: Float64Array
}

export function freshMoments(count: number): Moments {
  return { first: new Float64Array(count), second: new Float64Array(count) }
}

/** AdamW (Loshchilov and Hutter) over the flat vector of all weights. */
export class AdamW {
  readonly #settings: AdamWSettings
  readonly #decays: Uint8Array

  constructor(parameters: readonly (ParameterFact & { readonly offset: number })[], settings: AdamWSettings) {
    this.#settings = settings
    this.#decays = new Uint8Array(parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0))
    for (const { offset, shape, decays } of parameters)
      this.#decays.fill(decays ? 1 : 0, offset, offset + sizeOf(shape))
  }

  /** Changes the weights and the moments in place. `step` counts from 0; the gradient is used times `scale`. */
  step(
    weights: Float32Array,
    gradient: Float32Array,
    { first, second }: Moments,
    { step, learningRate, scale }: { readonly step: number; readonly learningRate: number; readonly scale: number },
  ): void {
    const { betas, epsilon, weightDecay } = this.#settings
    const [keepFirst, keepSecond] = betas
    const rate = learningRate / (1 - keepFirst ** (step + 1))
    const secondScale = 1 / Math.sqrt(1 - keepSecond ** (step + 1))
    const shrinkage = 1 - learningRate * weightDecay
    const decays = this.#decays
    for (let i = 0; i < weights.length; i += 1) {
      const slope = gradient[i]! * scale
      const mean = keepFirst * first[i]! + (1 - keepFirst) * slope
      const square = keepSecond * second[i]! + (1 - keepSecond) * slope * slope
      first[i] = mean
      second[i] = square
      const weight = decays[i] === 1 ? weights[i]! * shrinkage : weights[i]!
      weights[i] = weight - (rate * mean) / (Math.sqrt(square) * secondScale + epsilon)
    }
  }
}

/** The length of a vector. Not finite if one of its numbers is not. */
export function lengthOf(vector: Float32Array): number {
  let sum = 0
  for (let i = 0; i < vector.length; i += 1) sum += vector[i]! * vector[i]!
  return Math.sqrt(sum)
}

/** What a gradient is multiplied by so that it is at most `most` long. */
export function clipScale(length: number, most: number | null): number {
  return most === null || length <= most ? 1 : most / length
}

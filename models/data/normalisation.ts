import type { BoundFeature, TimeFeature } from '#core/forecast/models/onnx/feature'
import type { InputFacts, ModelInput } from '#core/forecast/models/onnx/manifest'
import type { BarSeries } from './bar-series.ts'
import { type BaselineOf, Dataset } from './dataset.ts'
import type { DataWindow } from './windows.ts'

/**
 * A value that is not known becomes exactly 0, the mean, when it is normalised. With this mean no known value does, so
 * the unknown ones can be left out.
 */
const oddMean = Math.PI * 1e-3

/** Below this a feature does not change: its deviation would be rounding. */
const leastSd = 1e-9

/** Mean and deviation of each feature over these windows, the training part, and over nothing else. */
export function fitNormalisation(
  series: readonly BarSeries[],
  facts: InputFacts,
  train: readonly DataWindow[],
  baselineOf?: BaselineOf,
): InputFacts {
  const raw = new Dataset(
    series,
    withFeatures(facts, () => ({ mean: oddMean, sd: 1, clip: undefined })),
    baselineOf,
  )
  const sums = new Map(facts.inputs.map((input) => [input.tensor, featuresOf(input).map(() => new MomentSum())]))
  for (const window of train) {
    const answer = raw.inputs(window)
    if (!answer.ok) continue
    for (const [name, values] of answer.tensors) {
      const own = sums.get(name)!
      for (let i = 0; own.length > 0 && i < values.length; i += 1) {
        if (values[i] !== 0) own[i % own.length]!.add(values[i]!)
      }
    }
  }
  return withFeatures(facts, (input, j, feature) => {
    const { mean, sd } = sums.get(input.tensor)![j]!
    return { mean: mean + oddMean, sd: sd < leastSd ? 1 : sd, clip: feature.clip }
  })
}

class MomentSum {
  #count = 0
  #mean = 0
  #squares = 0

  /** Welford's way: no digits are lost where the mean is far from zero. */
  add(value: number): void {
    this.#count += 1
    const step = value - this.#mean
    this.#mean += step / this.#count
    this.#squares += step * (value - this.#mean)
  }

  get mean(): number {
    return this.#mean
  }

  get sd(): number {
    return this.#count < 2 ? 0 : Math.sqrt(this.#squares / (this.#count - 1))
  }
}

function featuresOf(input: ModelInput): readonly BoundFeature[] {
  return input.kind === 'past' || input.kind === 'ahead' ? input.features : []
}

type Normalisation = Pick<BoundFeature, 'mean' | 'sd' | 'clip'>

function withFeatures(
  facts: InputFacts,
  of: (input: ModelInput, index: number, feature: BoundFeature) => Normalisation,
): InputFacts {
  const inputs = facts.inputs.map((input): ModelInput => {
    if (input.kind === 'past') {
      return { ...input, features: input.features.map((feature, j) => ({ ...feature, ...of(input, j, feature) })) }
    }
    if (input.kind !== 'ahead') return input
    const features = input.features.map((feature: BoundFeature<TimeFeature>, j: number) => ({
      ...feature,
      ...of(input, j, feature),
    }))
    return { ...input, features }
  })
  return { ...facts, inputs }
}

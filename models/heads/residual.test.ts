import { expect, it } from 'vitest'
import { OnnxGraphRuntime } from '#adapters/onnx/graph-sessions'
import type { GraphTensor } from '#core/forecast/models/onnx/graph-runtime'
import { evaluationModel, modelParameters, servingModel, trainingModel } from '#models/compile/compile-model'
import { parseRecipe } from '#models/compile/parse-recipe'
import type { Recipe } from '#models/compile/recipe'
import { startWeights } from '#models/compile/start-weights'
import { discoverComponents } from '#models/registry/discover'
import { toyRecipe } from '#tests/support/models/toy-components'

const components = await discoverComponents()
const baseline = { dims: [1, 4], values: Float32Array.from([-13.25, -12.875131, -14.1, -13.000001]) }
const past = { dims: [1, 5, 2], values: Float32Array.from({ length: 10 }, (_, i) => Math.sin(i)) }

function aRecipe(head: object, { loss = 'validator', revin = false } = {}): Recipe {
  const model = { blocks: [{ use: 'linear' }], revin, head: { use: 'residual', ...head } }
  const content = toyRecipe(model, { loss: { use: loss } })
  const read = parseRecipe({ ...content, inputs: { ...(content['inputs'] as object), baseline: true } }, components)
  if (!read.ok) throw new Error(read.problems.map(({ sentence }) => sentence).join('\n'))
  return read.recipe
}

async function run(
  bytes: Uint8Array,
  inputs: Readonly<Record<string, GraphTensor>>,
): Promise<Record<string, number[]>> {
  const session = await new OnnxGraphRuntime().load(bytes)
  const found = await session.run({ past, baseline, ...inputs })
  await session.release()
  return Object.fromEntries(Object.entries(found).map(([name, { values }]) => [name, Array.from(values, Number)]))
}

const truth = {
  log_returns: { dims: [1, 4], values: Float32Array.of(1e-3, -2e-3, 1e-3, 0) },
  known: { dims: [1, 4], values: new Float32Array(4).fill(1) },
}

const trained = (weights: Float32Array) => weights.map((_, i) => 100 * Math.sin(i))

it.each([
  [{}, {}],
  [{ curve: 'perStep' }, {}],
  [{ levelLogSd: 0.3, degreesOfFreedom: 9 }, {}],
  [{}, { revin: true }],
])('is the calibrated forecast bit for bit before training: %j %j', async (settings, model) => {
  const recipe = aRecipe(settings, model)
  const served = await run(servingModel(recipe, startWeights(modelParameters(recipe), 1)).bytes, {})
  const { levelLogSd = 0.27, degreesOfFreedom = 11 } = settings as Record<string, number>
  expect(served).toEqual({
    log_variance: [...baseline.values],
    level_log_sd: [Math.fround(levelLogSd)],
    degrees_of_freedom: [Math.fround(degreesOfFreedom)],
  })
})

it('moves the forecast by no more than its limit after training', async () => {
  const recipe = aRecipe({ most: 0.5 })
  const served = await run(servingModel(recipe, trained(startWeights(modelParameters(recipe), 1))).bytes, {})
  const moves = served['log_variance']!.map((value, i) => Math.abs(value - baseline.values[i]!))
  expect(Math.max(...moves)).toBeGreaterThan(0.1)
  expect(Math.max(...moves)).toBeLessThan(0.5 + 1e-5)
})

it('pays for its correction in training only, once for each term of the loss', async () => {
  const settings = { tails: 'normal', levelLogSd: 0, shrinkage: 2 }
  const recipe = aRecipe(settings)
  const values = trained(startWeights(modelParameters(recipe), 1))
  const inputs = { ...truth, parameters: { dims: [values.length], values } }
  const penaltyOf = async (one: Recipe) => {
    const [training, evaluation] = [trainingModel(one, 1), evaluationModel(one, 1)]
    return (await run(training.bytes, inputs))['loss']![0]! - (await run(evaluation.bytes, inputs))['loss']![0]!
  }
  const served = await run(servingModel(recipe, values).bytes, {})
  const squares = served['log_variance']!.map((value, i) => (value - baseline.values[i]!) ** 2)
  const penalty = (2 * squares.reduce((sum, square) => sum + square, 0)) / 4
  // Four minutes: four single ones, two pairs, the whole.
  expect((await penaltyOf(recipe)) / (7 * penalty)).toBeCloseTo(1, 3)
  expect((await penaltyOf(aRecipe(settings, { loss: 'crps_gaussian' }))) / penalty).toBeCloseTo(1, 3)
  expect(await penaltyOf(aRecipe({ ...settings, shrinkage: 0 }))).toBe(0)
})

it('is described by evaluation, beside the loss', async () => {
  const recipe = aRecipe({ tails: 'normal', levelLogSd: 0 })
  const values = startWeights(modelParameters(recipe), 1)
  const { bytes, reported } = evaluationModel(recipe, 1)
  const found = await run(bytes, { ...truth, parameters: { dims: [values.length], values } })
  expect(reported).toEqual(['log_likelihood', 'sharpness'])
  const sds = Array.from(baseline.values, (logVariance) => 10_000 * Math.exp(logVariance / 2))
  const likelihoods = sds.map((sd, i) => {
    const z = (10_000 * truth.log_returns.values[i]!) / sd
    return z ** 2 / 2 + Math.log(sd * Math.sqrt(2 * Math.PI))
  })
  const mean = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length
  expect(found['sharpness']![0]).toBeCloseTo(mean(sds), 3)
  expect(found['log_likelihood']![0]).toBeCloseTo(mean(likelihoods), 4)
})

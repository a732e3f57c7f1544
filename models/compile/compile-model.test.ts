import { expect, it } from 'vitest'
import { OnnxGraphRuntime } from '#adapters/onnx/graph-sessions'
import { SplitMix64 } from '#core/base/random/rng'
import { Sfc32 } from '#core/base/random/sfc32'
import type { GraphTensor } from '#core/forecast/models/onnx/graph-runtime'
import { sizeOf } from '#models/graph/graph'
import { toyComponents, toyRecipe } from '#tests/support/models/toy-components'
import { evaluationModel, modelParameters, servingModel, trainingModel } from './compile-model.ts'
import { parseRecipe } from './parse-recipe.ts'
import type { Recipe } from './recipe.ts'
import { startWeights } from './start-weights.ts'

const batch = 3

function aRecipe(model: object = {}): Recipe {
  const read = parseRecipe(toyRecipe(model), toyComponents())
  if (!read.ok) throw new Error(read.problems.map(({ path, sentence }) => `${path}: ${sentence}`).join('\n'))
  return read.recipe
}

function drawn(label: string, dims: readonly number[]): GraphTensor {
  const random = new Sfc32(new SplitMix64(5n).fork(label))
  return { dims, values: Float32Array.from({ length: sizeOf(dims) }, () => random.normal()) }
}

const windows = {
  past: drawn('past', [batch, 5, 2]),
  log_returns: drawn('returns', [batch, 4]),
  known: { dims: [batch, 4], values: new Float32Array(batch * 4).fill(1) },
}

async function run(bytes: Uint8Array, inputs: Readonly<Record<string, GraphTensor>>) {
  const session = await new OnnxGraphRuntime().load(bytes)
  try {
    const results = await session.run(inputs)
    return Object.fromEntries(Object.entries(results).map(([name, { values }]) => [name, Array.from(values, Number)]))
  } finally {
    await session.release()
  }
}

it('gives the loss and the gradient of every weight in one vector', async () => {
  const recipe = aRecipe()
  const model = trainingModel(recipe, batch)
  expect(model.parameterCount).toBe(2 * 3 + 3 + 2 * (3 * 3 + 3) + 3 * 4 + 4)
  const weights = startWeights(model.parameters, 1)
  const at = (values: Float32Array) => run(model.bytes, { ...windows, parameters: { dims: [values.length], values } })
  const { loss, gradient } = await at(weights)
  expect(gradient).toHaveLength(model.parameterCount)
  // A small step against the gradient has the effect that the gradient says.
  const rate = 1e-3
  const moved = await at(weights.map((weight, i) => weight - rate * gradient![i]!))
  const expected = rate * gradient!.reduce((sum, value) => sum + value ** 2, 0)
  expect((loss![0]! - moved['loss']![0]!) / expected).toBeCloseTo(1, 1)
})

it('serves what it trained: the same numbers from one window with the weights inside', async () => {
  const recipe = aRecipe({ insertLayerNorm: true, pooling: 'mean', blocks: [{ use: 'toy', dropout: 0.5 }] })
  const weights = startWeights(modelParameters(recipe), 7)
  const parameters = { dims: [weights.length], values: weights }
  const whole = await run(evaluationModel(recipe, batch).bytes, { ...windows, parameters })
  const served = servingModel(recipe, weights)
  expect(served.outputs).toEqual([{ name: 'log_variance', shape: [1, 4] }])
  const past = windows.past.values as Float32Array
  for (let window = 0; window < batch; window += 1) {
    const one = await run(served.bytes, {
      past: { dims: [1, 5, 2], values: past.slice(window * 10, window * 10 + 10) },
    })
    for (const [step, value] of one['log_variance']!.entries()) {
      expect(Math.abs(value - whole['log_variance']![window * 4 + step]!)).toBeLessThan(1e-6)
    }
  }
})

it('names the noise that the trainer has to draw, in training only', () => {
  const recipe = aRecipe({ blocks: [{ use: 'toy', dropout: 0.5 }] })
  const noise = [{ name: 'blocks.0.dropout', shape: [batch, 5, 3], kind: { kind: 'keep', share: 0.5 } }]
  expect(trainingModel(recipe, batch).noise).toEqual(noise)
  expect(evaluationModel(recipe, batch).noise).toEqual([])
})

it('starts each weight from the seed and its name alone', () => {
  const two = startWeights(modelParameters(aRecipe()), 1)
  const one = startWeights(modelParameters(aRecipe({ blocks: [{ use: 'toy' }] })), 1)
  // Projection and first block come first in both; the head follows.
  expect(one.slice(0, 9 + 12)).toEqual(two.slice(0, 9 + 12))
  expect(one.slice(-16)).toEqual(two.slice(-16))
  expect(startWeights(modelParameters(aRecipe()), 2)).not.toEqual(two)
})

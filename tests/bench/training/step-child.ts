/** Takes steps of one training when it is asked to: a number on a line in, their times and the memory out. */
import { createInterface } from 'node:readline'
import { OnnxGraphRuntime } from '#adapters/onnx/graph-sessions'
import { SplitMix64 } from '#core/base/random/rng'
import { Sfc32 } from '#core/base/random/sfc32'
import type { GraphTensor } from '#core/forecast/models/onnx/graph-runtime'
import { trainingModel } from '#models/compile/compile-model'
import { drawNoise } from '#models/compile/draw-noise'
import { startWeights } from '#models/compile/start-weights'
import { sizeOf } from '#models/graph/graph'
import { AdamW, clipScale, freshMoments, lengthOf } from '#models/training/adam-w'
import { benchRecipe } from '#tests/support/models/bench-recipes'

const recipe = await benchRecipe(process.argv[2]!)
const { batch, clip, learningRate } = recipe.training
const model = trainingModel(recipe, batch)
const session = await new OnnxGraphRuntime().load(model.bytes)
const weights = startWeights(model.parameters, recipe.seed)
const moments = freshMoments(weights.length)
const optimiser = new AdamW(model.parameters, recipe.training)
const gradient = new Float32Array(weights.length)
const seed = new SplitMix64(1n)
const random = new Sfc32(seed)
const drawn = (dims: readonly number[], sd: number): GraphTensor => ({
  dims,
  values: Float32Array.from({ length: sizeOf(dims) }, () => sd * random.normal()),
})
const { inputs, grid } = recipe
const windows = {
  past: drawn([batch, inputs.rows, inputs.past.length], 1),
  log_returns: drawn([batch, grid.steps], 1e-3),
  known: { dims: [batch, grid.steps], values: new Float32Array(batch * grid.steps).fill(1) },
}
let step = 0

async function takeStep(): Promise<number> {
  const startedAt = performance.now()
  await session.run(
    {
      ...windows,
      ...drawNoise(model.noise, seed.fork(`step ${step}`)),
      parameters: { dims: [weights.length], values: weights },
    },
    ['loss', 'gradient'],
    { gradient: { dims: [gradient.length], values: gradient } },
  )
  const scale = clipScale(lengthOf(gradient), clip)
  optimiser.step(weights, gradient, moments, { step, learningRate, scale })
  step += 1
  return performance.now() - startedAt
}

for await (const line of createInterface({ input: process.stdin })) {
  const durations: number[] = []
  for (let i = 0; i < Number(line); i += 1) durations.push(await takeStep())
  const rssMb = process.memoryUsage.rss() / 2 ** 20
  console.log(JSON.stringify({ durations, rssMb, parameters: weights.length }))
}

/** A model as it is served: one window, one thread. */
import { OnnxGraphRuntime } from '#adapters/onnx/graph-sessions'
import { SplitMix64 } from '#core/base/random/rng'
import { Sfc32 } from '#core/base/random/sfc32'
import { modelParameters, servingModel } from '#models/compile/compile-model'
import { startWeights } from '#models/compile/start-weights'
import { type BenchOptions, type BenchResult, rounded } from '#tests/support/bench'
import { benchNames, benchRecipe } from '#tests/support/models/bench-recipes'
import { quantile } from '#tests/support/spread'

export const description = 'inference: opening the model of each configuration, and one window through it'

const leastRuns = 300
const warmUp = 30
const creations = 15

export async function run(options: BenchOptions): Promise<BenchResult> {
  const runs = Math.max(options.runs, leastRuns)
  const runtime = new OnnxGraphRuntime()
  const models = await Promise.all(benchNames.map(async (name) => ({ name, ...(await modelOf(name)) })))
  const times = new Map(models.map(({ name }) => [name, { create: [] as number[], run: [] as number[] }]))
  // In turns, so that what else the machine does falls on all.
  for (let turn = 0; turn < creations; turn += 1) {
    for (const { name, bytes, past } of models) {
      const { create, run: inference } = times.get(name)!
      const openedAt = performance.now()
      const session = await runtime.load(bytes)
      create.push(performance.now() - openedAt)
      for (let i = -warmUp; i < runs / creations; i += 1) {
        const startedAt = performance.now()
        await session.run({ past })
        if (i >= 0) inference.push(performance.now() - startedAt)
      }
      await session.release()
    }
  }
  const configs = [...times].map(([name, { create, run: inference }]) => [
    name,
    {
      ...{ p50_ms: rounded(quantile(inference, 0.5)), p10_ms: rounded(quantile(inference, 0.1)) },
      ...{ p99_ms: rounded(quantile(inference, 0.99)), create_ms: rounded(quantile(create, 0.5), 1) },
      create_p90_ms: rounded(quantile(create, 0.9), 1),
    },
  ])
  return { runs, configs: Object.fromEntries(configs) }
}

async function modelOf(name: string) {
  const recipe = await benchRecipe(name)
  const { bytes } = servingModel(recipe, startWeights(modelParameters(recipe), recipe.seed))
  const dims = [1, recipe.inputs.rows, recipe.inputs.past.length]
  const random = new Sfc32(new SplitMix64(1n))
  return { bytes, past: { dims, values: Float32Array.from({ length: dims[1]! * dims[2]! }, () => random.normal()) } }
}

import { expect, it } from 'vitest'
import { OnnxGraphRuntime } from '#adapters/onnx/graph-sessions'
import { modelParameters, servingModel } from '#models/compile/compile-model'
import { parseRecipe } from '#models/compile/parse-recipe'
import { startWeights } from '#models/compile/start-weights'
import { toyComponents, toyRecipe } from '#tests/support/models/toy-components'
import residual from './residual.ts'

const baseline = Float32Array.from([-13.25, -12.875131, -14.1, -13.000001])
const past = Float32Array.from({ length: 10 }, (_, i) => Math.sin(i))

async function serve(settings: object, change: (weights: Float32Array) => Float32Array) {
  const content = toyRecipe({ head: { use: 'residual', ...settings } })
  const read = parseRecipe(
    { ...content, inputs: { ...(content['inputs'] as object), baseline: true } },
    toyComponents(residual),
  )
  if (!read.ok) throw new Error(read.problems.map(({ sentence }) => sentence).join('\n'))
  const { bytes } = servingModel(read.recipe, change(startWeights(modelParameters(read.recipe), 1)))
  const session = await new OnnxGraphRuntime().load(bytes)
  const found = await session.run({
    past: { dims: [1, 5, 2], values: past },
    baseline: { dims: [1, 4], values: baseline },
  })
  await session.release()
  return found
}

it('is the calibrated forecast bit for bit before training', async () => {
  for (const settings of [{}, { curve: 'perStep' }, { levelLogSd: 0.3, degreesOfFreedom: 9 }]) {
    const { log_variance, level_log_sd, degrees_of_freedom } = await serve(settings, (weights) => weights)
    expect(log_variance!.values).toEqual(baseline)
    const { levelLogSd = 0.27, degreesOfFreedom = 11 } = settings as Record<string, number>
    expect(level_log_sd!.values).toEqual(Float32Array.of(levelLogSd))
    expect(degrees_of_freedom!.values).toEqual(Float32Array.of(degreesOfFreedom))
  }
})

it('moves the forecast by no more than its limit after training', async () => {
  const { log_variance } = await serve({ most: 0.5 }, (weights) => weights.map((_, i) => 100 * Math.sin(i)))
  const moves = baseline.map((before, i) => Number(log_variance!.values[i]) - before)
  expect(Math.max(...moves.map(Math.abs))).toBeGreaterThan(0.1)
  expect(Math.max(...moves.map(Math.abs))).toBeLessThan(0.5 + 1e-5)
})

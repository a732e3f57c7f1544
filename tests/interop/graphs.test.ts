import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { OnnxGraphRuntime } from '#adapters/onnx/graph-sessions'
import { SplitMix64 } from '#core/base/random/rng'
import type { GraphTensor } from '#core/forecast/models/onnx/graph-runtime'
import { servingModel, trainingModel } from '#models/compile/compile-model'
import { drawNoise } from '#models/compile/draw-noise'
import { parseRecipe } from '#models/compile/parse-recipe'
import { startWeights } from '#models/compile/start-weights'
import { encodeModel } from '#models/graph/encode-model'
import { discoverComponents } from '#models/registry/discover'
import { feedsOf, writeGradient } from '#tests/support/models/check-gradient'
import { gradientCases } from '#tests/support/models/gradient-cases'
import { oneBlockRecipe } from '#tests/support/models/one-block-recipe'
import { pythonWithOnnx, runPython } from '#tests/support/python'
import { temporaryFolder } from '#tests/support/temporary-folder'

const python = pythonWithOnnx()
if (python === undefined) console.log('skipped: no onnx package (VOLCAST_PYTHON names no interpreter that has it)')

const script = join(import.meta.dirname, 'graphs.py')

interface Answer {
  readonly runtimes: readonly string[]
  readonly outputs: Record<string, Record<string, Record<string, number[]>>>
}

describe.skipIf(python === undefined)('a graph that is written here', () => {
  it('passes the checker of the onnx package and gives the same numbers in Python, gradient included', async () => {
    const graphs: Record<string, WrittenGraph> = {}
    for (const [operator, builds] of Object.entries(gradientCases)) {
      for (const [name, build] of Object.entries(builds)) {
        const { scope } = writeGradient(build)
        graphs[`${operator}, ${name}`] = { bytes: encodeModel(scope.graph), feeds: feedsOf(scope, 'single') }
      }
    }
    await compareWithPython(graphs)
  }, 180_000)

  it('does so as a model of any block, in training and as it is served', async () => {
    const graphs: Record<string, WrittenGraph> = {}
    const components = await discoverComponents()
    for (const { name, inner } of components.blocks.list()) {
      const paths = [[{ use: 'linear' }], [{ use: 'lstmblock' }]]
      const read = parseRecipe(oneBlockRecipe(inner === undefined ? { use: name } : { use: name, paths }), components)
      if (!read.ok) throw new Error(JSON.stringify(read.problems))
      const { bytes, parameters, noise } = trainingModel(read.recipe, 2)
      const weights = startWeights(parameters, 1)
      const drawn = drawNoise([fact('past', 2, 9, 2), fact('log_returns', 2, 12)], new SplitMix64(2n))
      const known = { dims: [2, 12], values: new Float32Array(24).fill(1) }
      graphs[`${name}, training`] = {
        bytes,
        feeds: {
          parameters: { dims: [weights.length], values: weights },
          ...drawn,
          known,
          ...drawNoise(noise, new SplitMix64(3n)),
        },
      }
      const past = { dims: [1, 9, 2], values: drawn['past']!.values.slice(0, 18) as Float32Array }
      graphs[`${name}, served`] = { bytes: servingModel(read.recipe, weights).bytes, feeds: { past } }
    }
    await compareWithPython(graphs)
  }, 180_000)
})

interface WrittenGraph {
  readonly bytes: Uint8Array
  readonly feeds: Readonly<Record<string, GraphTensor>>
}

function fact(name: string, ...shape: number[]) {
  return { name, shape, kind: { kind: 'normal' } } as const
}

async function compareWithPython(written: Readonly<Record<string, WrittenGraph>>): Promise<void> {
  const folder = temporaryFolder()
  const graphs: Record<string, unknown> = {}
  const expected: Record<string, Record<string, number[]>> = {}
  for (const [key, { bytes, feeds }] of Object.entries(written)) {
    const file = join(folder, `${Object.keys(graphs).length}.onnx`)
    writeFileSync(file, bytes)
    const inputs = Object.entries(feeds).map(([id, { dims, values }]) => [
      id,
      { dims, values: Array.from(values, Number) },
    ])
    graphs[key] = { file, inputs: Object.fromEntries(inputs) }
    const session = await new OnnxGraphRuntime().load(bytes)
    const results = Object.entries(await session.run(feeds))
    await session.release()
    expected[key] = Object.fromEntries(results.map(([output, { values }]) => [output, Array.from(values, Number)]))
  }
  const { runtimes, outputs } = (await runPython(python!, script, { graphs }, 120_000)) as Answer
  if (!runtimes.includes('onnxruntime')) console.log('skipped: no onnxruntime in the Python of VOLCAST_PYTHON')
  for (const [key, ours] of Object.entries(expected)) {
    for (const [runtime, theirs] of Object.entries(outputs[key]!)) {
      for (const [output, numbers] of Object.entries(ours)) {
        const largest = numbers.reduce((most, number) => Math.max(most, Math.abs(number)), 1)
        const difference = numbers.map((number, place) => Math.abs(number - theirs[output]![place]!) / largest)
        expect(Math.max(...difference), `${key}, ${runtime}, ${output}`).toBeLessThan(1e-5)
      }
    }
  }
}

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { OnnxGraphRuntime } from '#adapters/onnx/graph-sessions'
import { encodeModel } from '#models/graph/encode-model'
import { feedsOf, writeGradient } from '#tests/support/models/check-gradient'
import { gradientCases } from '#tests/support/models/gradient-cases'
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
    const folder = temporaryFolder()
    const graphs: Record<string, unknown> = {}
    const expected: Record<string, Record<string, number[]>> = {}
    for (const [operator, builds] of Object.entries(gradientCases)) {
      for (const [name, build] of Object.entries(builds)) {
        const { scope } = writeGradient(build)
        const bytes = encodeModel(scope.graph)
        const key = `${operator}, ${name}`
        const file = join(folder, `${Object.keys(graphs).length}.onnx`)
        writeFileSync(file, bytes)
        const feeds = feedsOf(scope, 'single')
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
  }, 180_000)
})

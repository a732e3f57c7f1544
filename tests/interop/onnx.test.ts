import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { DiskModelFolder } from '#adapters/onnx/disk-model-folder'
import { ProcessRuntime } from '#adapters/onnx/process-runtime'
import { buildInputs } from '#core/forecast/models/onnx/build-inputs'
import { minutesNeeded } from '#core/forecast/models/onnx/manifest'
import { OnnxShelf } from '#core/forecast/models/onnx/onnx-shelf'
import {
  features,
  fileHash,
  fixedCloses,
  harManifest,
  madeMinutes,
  onnxFixtures,
  parseManifest,
} from '#tests/support/onnx-models'
import { pythonWithOnnx, runPython } from '#tests/support/python'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { TestLogger } from '#tests/support/test-logger'

const python = pythonWithOnnx()
if (python === undefined) console.log('skipped: no onnx package (VOLCAST_PYTHON names no interpreter that has it)')

const script = join(import.meta.dirname, 'onnx_models.py')
const startAtMs = Date.UTC(2026, 8, 23, 12)
const question = { asset: 'BTC', startAtMs, stepSeconds: 300, stepCount: 288 }
const runtime = new ProcessRuntime({ clock: systemClock, log: new TestLogger() })
afterAll(() => runtime.stop())

interface Expected {
  /** Features, and the answer to them in float64, worked out in numpy without the file. */
  readonly past: number[]
  readonly log_variance: number[]
  /** What the onnx package's own evaluator makes of the file. */
  readonly reference: number[]
}

describe.skipIf(python === undefined)('a model made by the onnx package of Python', () => {
  it('is checked, served through the port, and answers what numpy computes', async () => {
    const folder = temporaryFolder()
    const made = (await runPython(python!, script, { task: 'make', folder }, 60_000)) as Record<string, string>
    const own = join(folder, 'har')
    mkdirSync(own)
    copyFileSync(join(folder, 'har.onnx'), join(own, 'model.onnx'))
    writeFileSync(join(own, 'manifest.json'), JSON.stringify({ ...harManifest, sha256: made['har'] }))

    const log = new TestLogger()
    for (const [seed, minuteSd] of [
      [1n, 2e-4],
      [2n, 8e-4],
      [3n, 3e-3],
    ] as const) {
      const window = madeMinutes(startAtMs - 60_000, minutesNeeded(parseManifest(harManifest)), minuteSd, seed)
      const shelf = new OnnxShelf(
        {
          runtime,
          features,
          closes: fixedCloses(window),
          clock: systemClock,
          log,
          folder: new DiskModelFolder(folder),
        },
        { deadlineMs: 2_000, largestSdRatio: 4 },
      )
      await shelf.load()
      const task = { task: 'expect', folder, closes: [...window.closes] }
      const expected = (await runPython(python!, script, task, 60_000)) as Expected

      const inputs = buildInputs(parseManifest(harManifest), question, window)
      if (!inputs.ok) throw new Error(inputs.reason)
      expect(largestDifference(inputs.tensors[0]!.values, expected.past)).toBeLessThan(1e-6)

      const answer = await shelf.find('onnx:har')?.forecast(question)
      if (answer?.ok !== true) throw new Error(answer?.reason ?? log.entries.map((entry) => entry['detail']).join())
      const logVariance = Array.from(answer.forecast[0].process.stepVariances, (variance) => Math.log(variance))
      expect(logVariance).toHaveLength(288)
      expect(largestDifference(logVariance, expected.reference)).toBeLessThan(5e-6)
      expect(largestDifference(logVariance, expected.log_variance)).toBeLessThan(1e-5)
    }
  }, 120_000)

  it('has the bytes of the files that the other tests use', async () => {
    const folder = temporaryFolder()
    const made = (await runPython(python!, script, { task: 'make', folder }, 60_000)) as Record<string, string>
    const kept = readdirSync(onnxFixtures).filter((name) => name.endsWith('.onnx'))
    expect(
      Object.fromEntries(kept.map((name) => [name.replace('.onnx', ''), fileHash(join(onnxFixtures, name))])),
    ).toEqual(made)
  })
})

function largestDifference(a: ArrayLike<number>, b: readonly number[]): number {
  expect(a).toHaveLength(b.length)
  return b.reduce((largest, value, i) => Math.max(largest, Math.abs(value - a[i]!)), 0)
}

/** The example that exports from PyTorch, run as a user runs it, and its model as the miner checks it. */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { DiskModelFolder } from '#adapters/onnx/disk-model-folder'
import { ProcessRuntime } from '#adapters/onnx/process-runtime'
import { inspectModel } from '#core/forecast/models/onnx/inspect-model'
import { features, madeMinutes } from '#tests/support/onnx-models'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { TestLogger } from '#tests/support/test-logger'

const python = process.env['VOLCAST_TORCH'] ?? ''
if (python === '') console.log('skipped: VOLCAST_TORCH names no Python that has PyTorch')

const script = join(import.meta.dirname, '..', '..', 'models', 'examples', 'pytorch', 'export.py')
const runtime = new ProcessRuntime({ clock: systemClock, log: new TestLogger() })
afterAll(() => runtime.stop())

it.skipIf(python === '')(
  'writes a model that the miner serves, with the same features to the last digits',
  async () => {
    const folder = temporaryFolder()
    const endsAtMs = Date.UTC(2026, 8, 23, 12)
    // Calm and lively quarters of a day, as a market has them.
    const closes = Array.from({ length: 32 }, (_, i) => i).flatMap((quarter) => [
      ...madeMinutes(endsAtMs, 360, 4e-4 * (1 + (quarter % 4)), BigInt(quarter)).closes,
    ])
    const firstSecond = endsAtMs / 1_000 - closes.length * 60
    // Some minutes have no candle.
    const rows = Array.from(closes, (close, i) => (i % 97 === 5 ? '' : `${firstSecond + i * 60},${close}\n`))
    writeFileSync(join(folder, 'minutes.csv'), `ts,close\n${rows.join('')}`)
    const { status, stderr } = spawnSync(python, [
      script,
      join(folder, 'minutes.csv'),
      join(folder, 'models', 'torch-har'),
    ])
    if (status !== 0) throw new Error(`the script ended with ${status}: ${stderr.toString()}`)
    const inspection = await inspectModel(
      { folder: new DiskModelFolder(join(folder, 'models')), runtime, features },
      'torch-har',
      10_000,
    )
    expect(inspection.refusal).toBeUndefined()
    expect(inspection.opened?.format.producer).toMatch(/^pytorch/)
    expect(inspection.goldenDifference).toBeLessThan(1e-5)
    const golden = JSON.parse(readFileSync(join(folder, 'models', 'torch-har', 'golden.json'), 'utf8'))
    expect(golden.closes).toContain(null)
  },
  120_000,
)

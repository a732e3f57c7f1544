/** An ONNX model behind the model port: what a forecast takes with features and the way to the other process, and what it weighs. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '#adapters/clock/system-clock'
import { ProcessRuntime } from '#adapters/onnx/process-runtime'
import { buildInputs } from '#core/forecast/models/onnx/build-inputs'
import { OnnxModel } from '#core/forecast/models/onnx/onnx-model'
import { type BenchOptions, type BenchResult, residentMb, rounded, timeRuns } from '#tests/support/bench'
import {
  fileHash,
  fixedCloses,
  harManifest,
  madeMinutes,
  onnxFixtures,
  parseManifest,
} from '#tests/support/onnx-models'
import { TestLogger } from '#tests/support/test-logger'

export const description = 'onnx: start of the inference process, one forecast through it, replacement, memory'

const startAtMs = Date.UTC(2026, 8, 23, 12)
const question = { asset: 'BTC', startAtMs, stepSeconds: 300, stepCount: 288 }
const leastRuns = 300

export async function run(options: BenchOptions): Promise<BenchResult> {
  const runs = Math.max(options.runs, leastRuns)
  const log = new TestLogger()
  const runtime = new ProcessRuntime({ clock: systemClock, log })
  try {
    const path = join(onnxFixtures, 'har.onnx')
    const sha256 = fileHash(path)
    const manifest = parseManifest({ ...harManifest, sha256 })
    const window = madeMinutes(startAtMs, 1_500)
    const features = timeRuns(runs, 20, () => buildInputs(manifest, question, window))

    const before = residentMb()
    const openedAtMs = performance.now()
    const opened = await runtime.open({ path, sha256 })
    if (!opened.ok) throw new Error(opened.reason)
    const startMs = performance.now() - openedAtMs
    const deps = { runtime, closes: fixedCloses(window), clock: systemClock, log }
    const model = new OnnxModel(deps, manifest, { deadlineMs: 5_000, largestSdRatio: 4 })
    const durations: number[] = []
    for (let i = -20; i < runs; i += 1) {
      const startedAtMs = performance.now()
      const answer = await model.forecast(question)
      if (!answer.ok) throw new Error(answer.reason)
      if (i >= 0) durations.push(performance.now() - startedAtMs)
    }
    durations.sort((a, b) => a - b)
    const at = (share: number): number => rounded(durations[Math.floor(share * durations.length)]!)
    const minerMb = rounded(residentMb() - before, 1)
    const processMb = residentMbOf(runtime.pid!)

    process.kill(runtime.pid!, 'SIGKILL')
    const killedAtMs = performance.now()
    const next = await model.forecast(question)
    const again = next.ok ? next : await model.forecast(question)
    if (!again.ok) throw new Error(again.reason)
    return {
      runs,
      features_ms: rounded(features.medianMs),
      forecast_p50_ms: at(0.5),
      forecast_p99_ms: at(0.99),
      start_ms: rounded(startMs, 0),
      replaced_ms: rounded(performance.now() - killedAtMs, 0),
      miner_growth_mb: minerMb,
      process_mb: processMb,
    }
  } finally {
    await runtime.stop()
  }
}

function residentMbOf(pid: number): number | null {
  try {
    const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return kilobytes === undefined ? null : rounded(Number(kilobytes) / 1024, 1)
  } catch {
    return null
  }
}

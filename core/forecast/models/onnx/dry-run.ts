import { SplitMix64 } from '#core/base/random/rng'
import type { CandleColumns } from '#core/market/minutes/minute-candles'
import { checkForecast } from '../../paths/check-forecast.ts'
import { horizonSd } from '../volatility-model.ts'
import { buildInputs, type InputQuestion } from './build-inputs.ts'
import type { InferenceRuntime, NamedTensor, RunProblem } from './inference-runtime.ts'
import { extrasNeeded, type ModelManifest, minutesNeeded } from './manifest.ts'
import { outputTensors, readOutputs } from './read-outputs.ts'
import type { MinuteWindow } from './recent-closes.ts'

export type DryRun =
  | {
      readonly ok: true
      /** Median of the later runs; the first one warms up. */
      readonly runMs: number
      readonly firstMs: number
      /** Deviation over the horizon after a calm and after a lively market. */
      readonly calmSd: number
      readonly livelySd: number
    }
  | { readonly ok: false; readonly problem: RunProblem | 'badOutput'; readonly reason: string }

/** A Wednesday noon in New York: every session is open. */
const startAtMs = Date.UTC(2026, 8, 23, 16)
const calmMinuteSd = 2e-4
const livelyMinuteSd = 2e-3
const timedRuns = 5

/** Two simulated markets, calm and lively, for every asset: the output must be a forecast and must depend on them. */
export async function dryRun(runtime: InferenceRuntime, manifest: ModelManifest, deadlineMs: number): Promise<DryRun> {
  const calm = simulateMarket(manifest, calmMinuteSd)
  const lively = simulateMarket(manifest, livelyMinuteSd)
  const times: number[] = []
  const sds: number[] = []
  const results: (readonly NamedTensor[])[] = []
  const [first] = manifest.serves.assets as [string]
  const repeats: [string, MarketQuestion][] = Array.from({ length: timedRuns }, () => [first, lively])
  const others = manifest.serves.assets.slice(1).map((asset): [string, MarketQuestion] => [asset, calm])
  for (const [asset, { window, baseline }] of [[first, calm], ...repeats, ...others] as const) {
    const inputs = buildInputs(manifest, { asset, startAtMs, baseline }, window)
    if (!inputs.ok) return { ok: false, problem: 'badOutput', reason: inputs.reason }
    const outputs = outputTensors(manifest)
    const { sha256, url } = manifest
    const ran = await runtime.run({ sha256, url, inputs: inputs.tensors, outputs, deadlineMs })
    if (!ran.ok) return ran
    const reading = readOutputs(manifest, ran.outputs)
    if (!reading.ok) return { ok: false, problem: 'badOutput', reason: reading.reason }
    const check = checkForecast(reading.forecast)
    if (!check.ok) return { ok: false, problem: 'badOutput', reason: check.reason }
    times.push(ran.durationMs)
    sds.push(horizonSd(reading.forecast))
    results.push(ran.outputs)
  }
  const looksBack = manifest.inputs.some(({ kind }) => kind === 'past' || kind === 'baseline')
  if (looksBack && isSame(results[0]!, results[1]!)) {
    const reason = 'the same output after a calm and after a lively market: the model ignores its input'
    return { ok: false, problem: 'badOutput', reason }
  }
  const later = times.slice(1, 1 + timedRuns).sort((a, b) => a - b)
  const runMs = later[Math.floor(later.length / 2)]!
  return { ok: true, runMs, firstMs: times[0]!, calmSd: sds[0]!, livelySd: sds[1]! }
}

/** One forecast's question with all that a model may read for it. */
export interface MarketQuestion extends InputQuestion {
  readonly window: MinuteWindow
}

/** For any size the same moves. */
export function simulateMarket(manifest: ModelManifest, minuteSd = livelyMinuteSd): MarketQuestion {
  const minutes = minutesNeeded(manifest)
  const { candles, others } = extrasNeeded(manifest)
  const closes = makeCloses(minutes, minuteSd, 5n)
  const { stepSeconds, steps } = manifest.grid
  return {
    asset: manifest.serves.assets[0]!,
    startAtMs,
    window: {
      closes,
      endsAtMs: startAtMs,
      others: new Map(others.map((asset, i) => [asset, makeCloses(minutes, minuteSd, 6n + BigInt(i))])),
      ...(candles ? { candles: candlesAround(closes, minuteSd) } : {}),
    },
    // Not flat: a model that corrects it by nothing has not collapsed.
    baseline: Float64Array.from(
      { length: steps },
      (_, k) => ((minuteSd ** 2 * stepSeconds) / 60) * (1 + 0.2 * Math.sin(k / 10)),
    ),
  }
}

function makeCloses(minutes: number, minuteSd: number, seed: bigint): Float64Array {
  const rng = new SplitMix64(seed)
  const closes = new Float64Array(minutes)
  let price = 100
  for (let i = 0; i < minutes; i += 1) {
    // Twelve uniform numbers less six have variance 1 and are near enough to normal here.
    let draw = -6
    for (let j = 0; j < 12; j += 1) draw += rng.next()
    price *= Math.exp(minuteSd * draw)
    closes[i] = price
  }
  return closes
}

function candlesAround(closes: Float64Array, minuteSd: number): CandleColumns {
  const open = closes.map((close, i) => closes[i - 1] ?? close)
  return {
    open,
    high: closes.map((close, i) => Math.max(close, open[i]!) * (1 + minuteSd / 2)),
    low: closes.map((close, i) => Math.min(close, open[i]!) * (1 - minuteSd / 2)),
    volume: closes.map((close, i) => 1 + Math.abs(close / open[i]! - 1) / minuteSd),
  }
}

function isSame(a: readonly NamedTensor[], b: readonly NamedTensor[]): boolean {
  return a.every((tensor, i) => tensor.values.every((value, j) => value === b[i]!.values[j]))
}

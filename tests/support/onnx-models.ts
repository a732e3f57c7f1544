import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SplitMix64 } from '#core/base/random/rng'
import { type ModelManifest, manifestSchemaOf, readManifest } from '#core/forecast/models/onnx/manifest'
import type { MinuteWindow, RecentCloses } from '#core/forecast/models/onnx/recent-closes'
import { loadFeatures } from '#models/registry/load-features'

/** Those of models/features, as the miner loads them. */
export const features = await loadFeatures()

/** Made by tests/interop/onnx_models.py; the interop test makes them again. */
export const onnxFixtures = join(import.meta.dirname, 'fixtures', 'onnx')

/** What `har.onnx` and its broken siblings are. */
export const harManifest = {
  contract: 1,
  name: 'har',
  file: 'model.onnx',
  sha256: '0'.repeat(64),
  format: { ir: 8, opset: 17 },
  serves: { assets: ['BTC'], horizons: ['low'] },
  grid: { stepSeconds: 300, steps: 288 },
  inputs: [
    {
      tensor: 'past',
      kind: 'past',
      stepSeconds: 300,
      rows: 12,
      features: [30, 180, 1440].map((minutes) => ({ kind: 'logRealizedVariance', minutes, mean: -15, sd: 2 })),
    },
  ],
  outputs: {
    stepVariance: { tensor: 'log_variance', kind: 'logVariance' },
    tails: { kind: 'logNormal', stepLogSd: 0.3 },
  },
} as const

export const studentMixtureManifest = {
  ...harManifest,
  name: 'student-mixture',
  serves: { assets: ['BTC', 'ETH'], horizons: ['high'] },
  grid: { stepSeconds: 60, steps: 60 },
  inputs: [
    {
      tensor: 'past',
      kind: 'past',
      stepSeconds: 60,
      rows: 30,
      features: [{ kind: 'absLogReturn', mean: 5e-4, sd: 5e-4, clip: 5 }, { kind: 'daySin' }],
    },
    { tensor: 'ahead', kind: 'ahead', features: [{ kind: 'daySin' }, { kind: 'isWeekend', clock: 'utc' }] },
    { tensor: 'asset', kind: 'asset' },
  ],
  outputs: {
    stepVariance: { tensor: 'sd_bps', kind: 'sd', scale: 1e-4 },
    parts: { tensor: 'weights', count: 2 },
    tails: { kind: 'student', degreesOfFreedom: { tensor: 'shape' } },
    factors: [{ logSd: 0.3, halfLifeSeconds: 'wholePath' }],
  },
} as const

export function parseManifest(content: object): ModelManifest {
  const reading = readManifest(JSON.stringify(content), features)
  if (!reading.ok) throw new Error(reading.reason)
  return reading.manifest
}

export function aManifest(changes: object = {}): ModelManifest {
  return manifestSchemaOf(features).parse({ ...harManifest, ...changes })
}

/** A model as an operator would put it there. */
export function placeModel(folder: string, name: string, fixture: string, changes: object = {}): void {
  const own = join(folder, name)
  mkdirSync(own, { recursive: true })
  copyFileSync(join(onnxFixtures, `${fixture}.onnx`), join(own, 'model.onnx'))
  const base = fixture === 'student-mixture' ? studentMixtureManifest : harManifest
  writeFileSync(
    join(own, 'manifest.json'),
    JSON.stringify({ ...base, name, sha256: fileHash(join(own, 'model.onnx')), ...changes }),
  )
}

export function fileHash(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

/** Minutes that end at `endsAtMs`, each moving by about `minuteSd`. */
export function madeMinutes(endsAtMs: number, minutes: number, minuteSd = 6e-4, seed = 3n): MinuteWindow {
  const rng = new SplitMix64(seed)
  const closes = new Float64Array(minutes)
  let price = 100_000
  for (let i = 0; i < minutes; i += 1) {
    price *= Math.exp(minuteSd * Math.sqrt(-2 * Math.log(1 - rng.next())) * Math.cos(2 * Math.PI * rng.next()))
    closes[i] = price
  }
  return { closes, endsAtMs }
}

/** The same market for every asset, up to `endsAtMs`. */
export function fixedCloses(window: MinuteWindow): RecentCloses {
  return {
    recentCloses: (_asset, untilMs, minutes) =>
      window.endsAtMs > untilMs ? undefined : { ...window, closes: window.closes.subarray(-minutes) },
  }
}

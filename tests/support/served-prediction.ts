/** A prediction as the one who served it hands it to the journal: real paths of the real sampler. */
import { createHash } from 'node:crypto'
import type { ServedPrediction } from '#core/forecast/journal/prediction-record'
import type { AssetParameters } from '#core/forecast/parameters/asset-parameters'
import { PathKernel } from '#core/forecast/paths/kernel/path-kernel'
import { type Arrangement, PathSampler, samplerVersion } from '#core/forecast/paths/path-sampler'
import type { Forecast } from '#core/forecast/paths/process-parameters'
import { priceTextCapacity } from '#core/forecast/paths/write-prices'
import type { Prompt } from '#core/synth/prompts/prompt'
import { standInForecast } from './stand-in-forecast.ts'

export const aPrompt: Prompt = {
  asset: 'BTC',
  startAtSeconds: Date.UTC(2026, 8, 22, 12) / 1_000,
  lengthSeconds: 3_600,
  stepSeconds: 60,
  pathCount: 20,
}

export const someParameters: AssetParameters = {
  lambda: 0.94,
  df: 5,
  sigmaCapDaily: 0.1,
  shrinkHigh: 0.9,
  champion: { low: 'calibrated', high: 'blend' },
  blend: { low: { calibrated: 1 }, high: { calibrated: 0.7, seed: 0.3 } },
}

export interface ServedOptions {
  readonly prompt?: Partial<Prompt>
  readonly seed?: bigint
  readonly priceUsd?: number
  readonly priceAtMs?: number
  readonly receivedAtMs?: number
  readonly forecast?: Forecast
  readonly arrangement?: Arrangement
  readonly flatFirstPath?: boolean
  readonly parameters?: AssetParameters
}

export interface Served {
  readonly served: ServedPrediction
  readonly outputJson: Uint8Array
}

const kernel = new PathKernel()
export const pathTools = { sampler: new PathSampler(kernel), writePrices: kernel.writePrices.bind(kernel) }

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

export function aServed(options: ServedOptions = {}): Served {
  const prompt = { ...aPrompt, ...options.prompt }
  const { startAtSeconds, stepSeconds, lengthSeconds, pathCount } = prompt
  const horizon = { stepSeconds, stepCount: lengthSeconds / stepSeconds }
  const forecast = options.forecast ?? standInForecast(horizon)
  const { seed = 1n, priceUsd: startPrice = 63_251.37, flatFirstPath = false, parameters = someParameters } = options
  const arrangement = options.arrangement ?? { kind: 'independent' }
  const paths = pathTools.sampler.sample({ forecast, startPrice, pathCount, seed, arrangement, flatFirstPath })
  const text = { ...paths, startAtSeconds, stepSeconds }
  const bytes = new Uint8Array(priceTextCapacity(text))
  const written = kernel.writePrices(bytes, 0, text)
  if (!written.ok) throw new Error(`price ${written.price} cannot be written`)
  const outputJson = bytes.slice(0, written.end)
  const receivedAtMs = options.receivedAtMs ?? startAtSeconds * 1_000 - 58_000
  return {
    outputJson,
    served: {
      prompt,
      receivedAtMs,
      madeAtMs: receivedAtMs + 20,
      rung: 'champion',
      model: { name: 'calibrated', version: 'abc123', parametersHash: '0123456789abcdef', parameters },
      isDegraded: false,
      price: { usd: startPrice, publishedAtMs: options.priceAtMs ?? receivedAtMs - 700, venue: 'pythHermes' },
      recipe: { samplerVersion, forecast, startPriceUsd: startPrice, seed, arrangement, flatFirstPath },
      outputHash: sha256(outputJson),
      stageMs: { forecast: 1.5, sample: 12.25, write: 4 },
    },
  }
}

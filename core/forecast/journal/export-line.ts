import { hourSeconds } from '#core/base/time/units'
import { horizonOf } from '#core/synth/prompts/horizon'
import type { Prompt } from '#core/synth/prompts/prompt'
import { startTimeText } from '#core/synth/prompts/start-time'
import { formatInstant } from '#core/synth/regimes/instant'
import type { PathMatrix } from '#core/synth/scoring/crps'
import type { AssetParameters } from '../parameters/asset-parameters.ts'
import { type PriceText, priceTextCapacity, type WriteResult } from '../paths/write-prices.ts'
import type { PredictionRecord } from './prediction-record.ts'

/**
 * A record under the field names of the older miners' prediction logs, so that tools made for those can read ours.
 * Fields without a name there are under `volcast`. The prices follow as the text that was served.
 */
export function exportLine(record: PredictionRecord, pathsJson: string | undefined): string {
  const { prompt, model } = record
  const fields = {
    t0: startTimeText(prompt.startAtSeconds),
    request_time: formatInstant(record.receivedAtMs),
    asset: prompt.asset,
    prompt: horizonOf(prompt.lengthSeconds),
    increment: prompt.stepSeconds,
    length: prompt.lengthSeconds,
    num_simulations: prompt.pathCount,
    model_version: `${model.name}@${model.version}`,
    parameter_hash: model.parametersHash,
    config_snapshot: snapshot(model.parameters),
    steps: prompt.lengthSeconds / prompt.stepSeconds,
    horizon_hours: prompt.lengthSeconds / hourSeconds,
    logged_at: formatInstant(record.madeAtMs),
    log_reason: record.reason,
    volcast: {
      id: record.id,
      ...(record.event === undefined ? {} : { event: record.event }),
      rung: record.rung,
      is_degraded: record.isDegraded,
      price_usd: record.price.usd,
      price_published_at: formatInstant(record.price.publishedAtMs),
      price_venue: record.price.venue,
      sampler_version: record.recipe.samplerVersion,
      seed: String(record.recipe.seed),
      output_hash: record.outputHash,
      stage_ms: record.stageMs,
    },
  }
  const head = JSON.stringify(fields)
  return pathsJson === undefined ? head : `${head.slice(0, -1)},"paths":${pathsJson}}`
}

function snapshot(parameters: AssetParameters): Record<string, unknown> {
  return {
    lambda: parameters.lambda,
    df: parameters.df,
    sigma_cap_daily: parameters.sigmaCapDaily,
    shrink_high: parameters.shrinkHigh,
    champion: parameters.champion,
    blend: parameters.blend,
    ...(parameters.calibrated === undefined ? {} : { calibrated: parameters.calibrated }),
  }
}

/**
 * The text of `simulation_output` as it was served: stored prices are written with the same digits. Undefined if a
 * price cannot be written; no served price can be.
 */
export function servedText(
  { startAtSeconds, stepSeconds }: Prompt,
  paths: PathMatrix,
  writePrices: (target: Uint8Array, offset: number, text: PriceText) => WriteResult,
): Uint8Array | undefined {
  const text = { ...paths, startAtSeconds, stepSeconds }
  const bytes = new Uint8Array(priceTextCapacity(text))
  const written = writePrices(bytes, 0, text)
  return written.ok ? bytes.subarray(0, written.end) : undefined
}

/** The lists of prices in the text of `simulation_output`, digit for digit. */
export function pathsJsonOf(outputJson: Uint8Array): string {
  const text = new TextDecoder().decode(outputJson)
  const secondComma = text.indexOf(',', text.indexOf(',') + 1)
  return `[${text.slice(secondComma + 1)}`
}

import type { AssetParameters } from '../governance/asset-parameters.ts'
import { formatInstant } from '../regimes/instant.ts'
import { startTimeText } from '../synth/start-time.ts'
import { horizonLabel } from './horizon-label.ts'
import type { PredictionRecord } from './prediction-record.ts'

/**
 * A record under the field names of the older miners' prediction logs, so that tools made for those read ours; what they
 * have no name for stands under `volcast`. Prices follow as the text that was served.
 */
export function exportLine(record: PredictionRecord, pathsJson: string | undefined): string {
  const { prompt, model } = record
  const fields = {
    t0: startTimeText(prompt.startAtSeconds),
    request_time: formatInstant(record.receivedAtMs),
    asset: prompt.asset,
    prompt: horizonLabel(prompt.lengthSeconds),
    increment: prompt.stepSeconds,
    length: prompt.lengthSeconds,
    num_simulations: prompt.pathCount,
    model_version: `${model.name}@${model.version}`,
    parameter_hash: model.parametersHash,
    config_snapshot: snapshot(model.parameters),
    steps: prompt.lengthSeconds / prompt.stepSeconds,
    horizon_hours: prompt.lengthSeconds / 3_600,
    logged_at: formatInstant(record.madeAtMs),
    log_reason: record.reason,
    volcast: {
      id: record.id,
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
  }
}

/** The lists of prices out of the text of `simulation_output`, digit for digit. */
export function pathsJsonOf(outputJson: string): string {
  const secondComma = outputJson.indexOf(',', outputJson.indexOf(',') + 1)
  return `[${outputJson.slice(secondComma + 1)}`
}

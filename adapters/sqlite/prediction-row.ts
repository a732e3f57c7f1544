import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { PredictionRecord, RecordReason } from '#core/forecast/journal/prediction-record'
import { decodeRecipe, encodeRecipe } from '#core/forecast/journal/recipe-codec'
import type { Rung, StageMs } from '#core/forecast/journal/rung'
import type { AssetParameters } from '#core/forecast/parameters/asset-parameters'
import type { Database } from './database.ts'

/** The table `predictions`. */
export interface PredictionRow {
  readonly id: string
  readonly asset: string
  readonly start_at_ms: number
  readonly time_length_seconds: number
  readonly time_increment_seconds: number
  readonly path_count: number
  readonly received_at_ms: number
  readonly made_at_ms: number
  readonly reason: RecordReason
  /** What the check of `reason` cannot say: the event for which it was kept. */
  readonly event: string | null
  readonly rung: Rung
  readonly model_name: string
  readonly model_version: string
  readonly parameters_hash: string
  readonly parameters: string
  readonly is_degraded: 0 | 1
  readonly price_usd: number
  readonly price_published_at_ms: number
  readonly price_venue: string
  readonly sampler_version: number
  readonly seed: string
  readonly recipe: Buffer
  readonly output_hash: string
  readonly stage_ms: string
}

export const predictionColumns = [
  'id',
  'asset',
  'start_at_ms',
  'time_length_seconds',
  'time_increment_seconds',
  'path_count',
  'received_at_ms',
  'made_at_ms',
  'reason',
  'event',
  'rung',
  'model_name',
  'model_version',
  'parameters_hash',
  'parameters',
  'is_degraded',
  'price_usd',
  'price_published_at_ms',
  'price_venue',
  'sampler_version',
  'seed',
  'recipe',
  'output_hash',
  'stage_ms',
] as const satisfies readonly (keyof PredictionRow)[]

/** Files that no release since events were kept has opened for writing are read too. */
export function presentColumns(db: Database, table = 'predictions'): string[] {
  const present = new Set(db.prepare<[], string>("select name from pragma_table_info('predictions')").pluck().all())
  return predictionColumns.map((name) => (present.has(name) ? `${table}.${name}` : `null as ${name}`))
}

export function toRow(record: PredictionRecord): PredictionRow {
  const { prompt, model, price, recipe } = record
  return {
    id: record.id,
    asset: prompt.asset,
    start_at_ms: prompt.startAtSeconds * 1_000,
    time_length_seconds: prompt.lengthSeconds,
    time_increment_seconds: prompt.stepSeconds,
    path_count: prompt.pathCount,
    received_at_ms: Math.round(record.receivedAtMs),
    made_at_ms: Math.round(record.madeAtMs),
    // The check knows no 'event', and both are moments of the calendar: see migration 161.
    reason: record.reason === 'event' ? 'sessionEdge' : record.reason,
    event: record.reason === 'event' ? (record.event ?? 'unknown') : null,
    rung: record.rung,
    model_name: model.name,
    model_version: model.version,
    parameters_hash: model.parametersHash,
    parameters: JSON.stringify(model.parameters),
    is_degraded: record.isDegraded ? 1 : 0,
    price_usd: price.usd,
    price_published_at_ms: Math.round(price.publishedAtMs),
    price_venue: price.venue,
    // Both are in the recipe as well; here they can be queried in SQL.
    sampler_version: recipe.samplerVersion,
    seed: String(recipe.seed),
    recipe: deflateRawSync(encodeRecipe(recipe)),
    output_hash: record.outputHash,
    stage_ms: JSON.stringify(record.stageMs),
  }
}

export function toRecord(row: PredictionRow): PredictionRecord {
  return {
    id: row.id,
    prompt: {
      asset: row.asset,
      startAtSeconds: row.start_at_ms / 1_000,
      lengthSeconds: row.time_length_seconds,
      stepSeconds: row.time_increment_seconds,
      pathCount: row.path_count,
    },
    receivedAtMs: row.received_at_ms,
    madeAtMs: row.made_at_ms,
    ...(row.event === null ? { reason: row.reason } : { reason: 'event' as const, event: row.event }),
    rung: row.rung,
    model: {
      name: row.model_name,
      version: row.model_version,
      parametersHash: row.parameters_hash,
      parameters: JSON.parse(row.parameters) as AssetParameters,
    },
    isDegraded: row.is_degraded === 1,
    price: { usd: row.price_usd, publishedAtMs: row.price_published_at_ms, venue: row.price_venue },
    recipe: decodeRecipe(inflateRawSync(row.recipe)),
    outputHash: row.output_hash,
    stageMs: JSON.parse(row.stage_ms) as StageMs,
  }
}

import { type PathTools, regeneratePaths } from '#core/forecast/journal/regenerate-paths'
import { samplerVersion } from '#core/forecast/paths/path-sampler'
import { servedModel } from '#core/tuning/replay/prediction-score'
import type { Database } from './database.ts'
import { SqliteJournalReader } from './prediction-reader.ts'
import { sha256Of } from './prices-blob.ts'

export interface PriceLimits {
  /** Prices of predictions that were scored before go. */
  readonly scoredBeforeMs: number
  /** Beyond so many bytes of prices the oldest go, as soon as they are scored. */
  readonly mostBytes: number
}

export interface PriceStep {
  /** Predictions looked at; 0 is the end. */
  readonly done: number
  /** Their recipe makes other prices, so the stored ones stay. */
  readonly unrepeatable: number
}

interface Candidate {
  readonly id: string
  readonly bytes: number
  readonly scored_at_ms: number
}

const mostCandidates = 200
/** A step beside which a write of a minute can wait. */
const mostStepMs = 50

/**
 * Drops the prices of scored predictions. Each prediction is drawn again first: only what gives the served text, by its
 * hash, is dropped. Prices of another sampler's version, and those that come out differently, stay.
 */
export class SqlitePriceThinning {
  readonly #db: Database
  readonly #reader: SqliteJournalReader
  readonly #tools: PathTools
  readonly #monotonicMs: () => number
  #candidates: Candidate[] = []

  constructor(db: Database, tools: Omit<PathTools, 'hash'>, monotonicMs: () => number) {
    this.#db = db
    this.#reader = new SqliteJournalReader(db, tools)
    this.#tools = { ...tools, hash: sha256Of }
    this.#monotonicMs = monotonicMs
  }

  /** One short step: a prediction, or a few small ones. */
  drop(limits: PriceLimits): PriceStep {
    if (this.#candidates.length === 0) this.#candidates = this.#findCandidates(limits)
    const endAtMs = this.#monotonicMs() + mostStepMs
    let done = 0
    let unrepeatable = 0
    do {
      const next = this.#candidates.shift()
      if (next === undefined) break
      if (!this.#dropOne(next.id)) unrepeatable += 1
      done += 1
    } while (this.#monotonicMs() < endAtMs)
    return { done, unrepeatable }
  }

  /** The oldest first, also of those that are too many. */
  #findCandidates({ scoredBeforeMs, mostBytes }: PriceLimits): Candidate[] {
    const sum = this.#db.prepare<[], number>('select coalesce(sum(byte_count), 0) from prediction_paths').pluck().get()!
    let excess = sum - mostBytes
    const scored = this.#db
      .prepare<[string, number, number], Candidate>(
        // cross: in the order of the index over the ages.
        `select prediction_id as id, byte_count as bytes,
                (select min(scored_at_ms) from prediction_scores
                  where prediction_id = paths.prediction_id and model = ?) as scored_at_ms
           from prediction_paths as paths cross join predictions on id = prediction_id
          where sampler_version = ? and scored_at_ms is not null
            and not exists (select 1 from unrepeatable_prices where prediction_id = id)
          order by stored_at_ms limit ?`,
      )
      .all(servedModel, samplerVersion, mostCandidates)
    return scored.filter(({ bytes, scored_at_ms: scoredAtMs }) => {
      const isTooMuch = excess > 0
      if (!isTooMuch && scoredAtMs >= scoredBeforeMs) return false
      excess -= bytes
      return true
    })
  }

  /** False: the prices stay. */
  #dropOne(id: string): boolean {
    const record = this.#reader.find(id)
    // Retention of whole records was faster.
    if (record === undefined) return true
    const made = regeneratePaths(record, this.#tools)
    if (made.ok) {
      this.#db.prepare('delete from prediction_paths where prediction_id = ?').run(id)
      return true
    }
    this.#db
      .prepare(
        `insert into unrepeatable_prices (prediction_id, sampler_version, reason)
         select prediction_id, ?, ? from prediction_paths where prediction_id = ?
         on conflict (prediction_id) do nothing`,
      )
      .run(samplerVersion, made.reason, id)
    return false
  }
}

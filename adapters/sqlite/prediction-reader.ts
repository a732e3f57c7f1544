import type { Statement } from 'better-sqlite3'
import { StoreError } from '#core/base/errors/app-error'
import { messageOf } from '#core/base/errors/message-of'
import type { JournalReader, PathsReading, PredictionFilter } from '#core/forecast/journal/journal'
import type { JournalSeries, JournalSummary } from '#core/forecast/journal/journal-summary'
import type { PredictionRecord } from '#core/forecast/journal/prediction-record'
import { joinPlanes, type PlaneJoiner } from '#core/forecast/journal/price-planes'
import { type PathTools, regeneratePaths } from '#core/forecast/journal/regenerate-paths'
import { samplerVersion } from '#core/forecast/paths/path-sampler'
import type { Database } from './database.ts'
import { type PredictionRow, presentColumns, toRecord } from './prediction-row.ts'
import { decodePrices, type PricesEncoding, sha256Of } from './prices-blob.ts'

export interface ReaderTools extends Omit<PathTools, 'hash'> {
  /** For a reader whose paths are used up before the next ones are read: these overwrite them. */
  readonly joinPlanes?: PlaneJoiner
}

/** Reads what was served. Any connection works, also one that cannot write. */
export class SqliteJournalReader implements JournalReader {
  readonly #db: Database
  readonly #tools: ReaderTools
  readonly #columns: string
  readonly #find: Statement<[string], PredictionRow>
  readonly #findPaths: Statement<[string], PathsRow>
  readonly #summarize: Statement<[], SeriesRow>

  constructor(db: Database, tools: ReaderTools) {
    this.#db = db
    this.#tools = tools
    this.#columns = presentColumns(db).join(', ')
    this.#find = db.prepare(`select ${this.#columns} from predictions where id = ?`)
    this.#findPaths = db.prepare('select encoding, prices, prices_hash from prediction_paths where prediction_id = ?')
    this.#summarize = db.prepare(
      `select asset, time_length_seconds, count(*) as records, count(byte_count) as with_paths,
              min(start_at_ms) as first_start_ms, max(start_at_ms) as last_start_ms,
              coalesce(sum(byte_count), 0) as paths_bytes, sum(is_degraded) as degraded
         from predictions left join prediction_paths on prediction_id = id
        group by asset, time_length_seconds order by asset, time_length_seconds desc`,
    )
  }

  list(filter: PredictionFilter): readonly PredictionRecord[] {
    const { where, values } = conditions(filter)
    const sql = `select ${this.#columns} from predictions ${where} order by start_at_ms, asset, id`
    return reading(() =>
      this.#db
        .prepare<unknown[], PredictionRow>(sql)
        .all(...values)
        .map(toRecord),
    )
  }

  /** When the first request of each prompt came, by its start. */
  receivedAt(asset: string, timeLengthSeconds: number, fromMs: number, toMs: number): ReadonlyMap<number, number> {
    const rows = reading(() =>
      this.#db
        .prepare<unknown[], { start: number; received: number }>(
          `select start_at_ms as start, min(received_at_ms) as received from predictions
            where asset = ? and time_length_seconds = ? and start_at_ms between ? and ? group by start_at_ms`,
        )
        .all(asset, timeLengthSeconds, fromMs, toMs),
    )
    return new Map(rows.map(({ start, received }) => [start, received]))
  }

  find(id: string): PredictionRecord | undefined {
    const row = reading(() => this.#find.get(id))
    return row === undefined ? undefined : reading(() => toRecord(row))
  }

  readPaths(id: string): PathsReading {
    const stored = this.#readBlob(id)
    if (stored?.ok === true) return stored
    const record = this.find(id)
    if (record === undefined) return { ok: false, reason: 'missing', detail: `there is no prediction ${id}` }
    const made = regeneratePaths(record, { ...this.#tools, hash: sha256Of })
    // Damaged stored prices are treated as missing, as long as the recipe makes them again.
    return made.ok ? made : (stored ?? made)
  }

  summarize(): JournalSummary {
    const series = reading(() => this.#summarize.all()).map(toSeries)
    const unrepeatable = reading(() => this.#countUnrepeatable())
    return { series, pathsBytes: series.reduce((sum, own) => sum + own.pathsBytes, 0), unrepeatable }
  }

  #countUnrepeatable(): number {
    const table = this.#db.prepare("select 1 from sqlite_schema where name = 'unrepeatable_prices'").get()
    // Files that no release since then has opened for writing are read too.
    const isMarked = table === undefined ? '' : 'or exists (select 1 from unrepeatable_prices where prediction_id = id)'
    const sql = `select count(*) from prediction_paths join predictions on id = prediction_id
                  where sampler_version <> ? ${isMarked}`
    return this.#db.prepare<[number], number>(sql).pluck().get(samplerVersion)!
  }

  #readBlob(id: string): PathsReading | undefined {
    try {
      const row = this.#findPaths.get(id)
      if (row === undefined) return undefined
      if (sha256Of(row.prices) !== row.prices_hash) {
        return { ok: false, reason: 'hashDiffers', detail: 'the stored prices are damaged' }
      }
      const { joinPlanes: join } = this.#tools
      const paths =
        join === undefined
          ? decodePrices(row.encoding, row.prices)
          : decodePrices(row.encoding, row.prices, (planes) => joinPlanes(join, planes))
      return { ok: true, origin: 'blob', paths }
    } catch (error) {
      const detail = messageOf(error)
      return { ok: false, reason: 'unreadable', detail: `the stored prices: ${detail}` }
    }
  }
}

export function countPredictions(db: Database): number {
  return reading(() => db.prepare<[], number>('select count(*) from predictions').pluck().get()!)
}

interface PathsRow {
  readonly encoding: PricesEncoding
  readonly prices: Buffer
  readonly prices_hash: string
}

interface SeriesRow {
  readonly asset: string
  readonly time_length_seconds: number
  readonly records: number
  readonly with_paths: number
  readonly first_start_ms: number
  readonly last_start_ms: number
  readonly paths_bytes: number
  readonly degraded: number
}

function toSeries(row: SeriesRow): JournalSeries {
  return {
    asset: row.asset,
    lengthSeconds: row.time_length_seconds,
    count: row.records,
    withPaths: row.with_paths,
    firstStartMs: row.first_start_ms,
    lastStartMs: row.last_start_ms,
    pathsBytes: row.paths_bytes,
    degraded: row.degraded,
  }
}

function conditions(filter: PredictionFilter): { where: string; values: (string | number)[] } {
  const parts: string[] = []
  const values: (string | number)[] = []
  const add = (sql: string, ...own: (string | number)[]) => {
    parts.push(sql)
    values.push(...own)
  }
  if (filter.assets !== undefined) add(`asset in (${filter.assets.map(() => '?').join(', ')})`, ...filter.assets)
  if (filter.timeLengthSeconds !== undefined) add('time_length_seconds = ?', filter.timeLengthSeconds)
  if (filter.fromMs !== undefined) add('start_at_ms >= ?', filter.fromMs)
  if (filter.toMs !== undefined) add('start_at_ms < ?', filter.toMs)
  return { where: parts.length === 0 ? '' : `where ${parts.join(' and ')}`, values }
}

function reading<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    const message = messageOf(cause)
    throw new StoreError('JOURNAL_READ_FAILED', `The journal cannot be read: ${message}.`, { cause })
  }
}

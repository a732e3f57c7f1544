import { statfsSync } from 'node:fs'
import type { Statement } from 'better-sqlite3'
import type { Stored } from '#core/base/store/stored'
import type { Clock } from '#core/base/time/clock'
import type { DroppedPaths, JournalStore, PreparedPrediction, StoreRoom } from '#core/forecast/journal/journal-store'
import { samplerVersion } from '#core/forecast/paths/path-sampler'
import { connectDatabase, type Database, keepFewPages } from './database.ts'
import type { ConnectOptions } from './migrated-file.ts'
import { SqliteChainWriter } from './prediction-chain.ts'
import { type PredictionRow, predictionColumns, toRow } from './prediction-row.ts'
import { attempt } from './store-failure.ts'

interface PathsSize {
  readonly id: string
  readonly bytes: number
}

export function openPredictionStore(options: ConnectOptions, clock: Clock): Stored<SqlitePredictionStore> {
  return attempt(() => {
    const db = keepFewPages(connectDatabase(options))
    // An answer waits a little for its record; the thread that writes the rest copies the log into the file.
    db.pragma('wal_autocheckpoint = 0')
    return new SqlitePredictionStore(db, clock)
  })
}

/** The writing side of the journal on its own connection, which it closes. Reading: prediction-reader.ts. */
export class SqlitePredictionStore implements JournalStore {
  readonly #db: Database
  readonly #clock: Clock
  readonly #chain: SqliteChainWriter
  readonly #insert: Statement<[PredictionRow]>
  readonly #insertPaths: Statement<[string, string, number, string, number, Uint8Array]>
  readonly #sumPaths: Statement<[], number>
  readonly #oldestRepeatable: Statement<[number, number], PathsSize>
  readonly #oldest: Statement<[number], PathsSize>
  readonly #deletePaths: Statement<[string]>
  readonly #deleteRecords: Statement<[number, number]>

  constructor(db: Database, clock: Clock) {
    this.#db = db
    this.#clock = clock
    this.#chain = new SqliteChainWriter(db)
    this.#insert = db.prepare(
      `insert into predictions (${predictionColumns.join(', ')})
       values (${predictionColumns.map((column) => `:${column}`).join(', ')})
       on conflict (id) do nothing`,
    )
    this.#insertPaths = db.prepare(
      `insert into prediction_paths (prediction_id, encoding, byte_count, prices_hash, stored_at_ms, prices)
       values (?, ?, ?, ?, ?, ?)
       on conflict (prediction_id) do nothing`,
    )
    this.#sumPaths = db.prepare<[], number>('select coalesce(sum(byte_count), 0) from prediction_paths').pluck()
    this.#oldestRepeatable = db.prepare(
      // cross: in the order of the index over the ages, so that the first few found are the answer.
      `select prediction_id as id, byte_count as bytes
         from prediction_paths cross join predictions on predictions.id = prediction_id
        where sampler_version = ? and not exists (select 1 from unrepeatable_prices where prediction_id = id)
        order by stored_at_ms limit ?`,
    )
    this.#oldest = db.prepare(
      'select prediction_id as id, byte_count as bytes from prediction_paths order by stored_at_ms limit ?',
    )
    this.#deletePaths = db.prepare('delete from prediction_paths where prediction_id = ?')
    this.#deleteRecords = db.prepare(
      `delete from predictions
        where id in (select id from predictions where start_at_ms < ? order by start_at_ms limit ?)`,
    )
  }

  write(batch: readonly PreparedPrediction[], waitMs: number): Stored<void> {
    // Compressed before the lock is taken: nobody else waits for it.
    const rows = batch.map(({ record, prices }) => ({ row: toRow(record), prices }))
    return this.#change(waitMs, () => {
      const nowMs = this.#clock.nowMs()
      for (const { row, prices } of rows) {
        if (this.#insert.run(row).changes > 0) this.#chain.append(row)
        if (prices === undefined) continue
        const { encoding, bytes, hash } = prices
        this.#insertPaths.run(row.id, encoding, bytes.length, hash, nowMs, bytes)
      }
    })
  }

  pathsBytes(): Stored<number> {
    return attempt(() => this.#sumPaths.get() ?? 0)
  }

  room(): Stored<StoreRoom> {
    return attempt(() => {
      const { bavail, bsize } = statfsSync(this.#db.name)
      const unusedPages = this.#db.pragma('freelist_count', { simple: true }) as number
      const pageSize = this.#db.pragma('page_size', { simple: true }) as number
      return { diskBytes: bavail * bsize, unusedBytes: unusedPages * pageSize }
    })
  }

  dropPaths(atMost: { readonly count: number; readonly bytes: number }): Stored<DroppedPaths> {
    return this.#change(shortWaitMs, () => {
      const repeatable = this.#oldestRepeatable.all(samplerVersion, atMost.count)
      const chosen = repeatable.length > 0 ? repeatable : this.#oldest.all(atMost.count)
      let count = 0
      let bytes = 0
      for (const paths of chosen) {
        if (bytes >= atMost.bytes) break
        this.#deletePaths.run(paths.id)
        count += 1
        bytes += paths.bytes
      }
      return { count, bytes }
    })
  }

  deleteBefore(startAtMs: number, atMost: number): Stored<number> {
    return this.#change(shortWaitMs, () => {
      const { changes } = this.#deleteRecords.run(startAtMs, atMost)
      if (changes > 0) this.#chain.shorten()
      return changes
    })
  }

  close(): void {
    this.#db.close()
  }

  #change<T>(waitMs: number, work: () => T): Stored<T> {
    return attempt(() => {
      this.#db.pragma(`busy_timeout = ${Math.max(0, Math.round(waitMs))}`)
      return this.#db.transaction(work).immediate()
    })
  }
}

/** Freeing space can wait for another tick. */
const shortWaitMs = 100

import { createHash } from 'node:crypto'
import type { Statement } from 'better-sqlite3'
import { StoreError } from '#core/base/errors/app-error'
import { messageOf } from '#core/base/errors/message-of'
import {
  type ChainEntry,
  type ChainedRecord,
  nextEntry,
  type PredictionChain,
} from '#core/forecast/journal/prediction-chain'
import type { Database } from './database.ts'
import { type PredictionRow, predictionColumns, presentColumns } from './prediction-row.ts'

/** Appends and shortens the chain, within the transaction of its caller. */
export class SqliteChainWriter {
  readonly #last: Statement<[], Pick<ChainEntry, 'id' | 'hash'>>
  readonly #insert: Statement<[ChainEntry]>
  readonly #shorten: Statement<[]>

  constructor(db: Database) {
    this.#last = db.prepare('select id, hash from prediction_chain order by id desc limit 1')
    this.#insert = db.prepare(
      `insert into prediction_chain (id, prediction_id, start_at_ms, record_hash, previous_hash, hash)
       values (:id, :predictionId, :startAtMs, :recordHash, :previousHash, :hash)`,
    )
    // The first entry with a record is found from the beginning; the last entry stays, because the next one follows it.
    this.#shorten = db.prepare(
      `delete from prediction_chain where id < coalesce(
         (select chain.id from prediction_chain as chain
           where exists (select 1 from predictions where id = chain.prediction_id) order by chain.id limit 1),
         (select max(id) from prediction_chain))`,
    )
  }

  /** Read each time: another process may have written since. */
  append(row: PredictionRow): void {
    const record = { predictionId: row.id, startAtMs: row.start_at_ms, recordHash: hashRecord(row) }
    this.#insert.run(nextEntry(this.#last.get(), record, sha256))
  }

  /** Drops entries from the beginning whose records are gone. */
  shorten(): void {
    this.#shorten.run()
  }
}

type JoinedRow = { readonly [K in keyof PredictionRow]: PredictionRow[K] | null } & {
  readonly chain_id: number
  readonly chain_prediction_id: string
  readonly chain_start_at_ms: number
  readonly record_hash: string
  readonly previous_hash: string
  readonly hash: string
}

const mostExamples = 3

export class SqlitePredictionChain implements PredictionChain {
  readonly #db: Database

  private constructor(db: Database) {
    this.#db = db
  }

  /** Undefined: no release that keeps a chain has opened the file for writing. */
  static find(db: Database): SqlitePredictionChain | undefined {
    const table = db.prepare("select 1 from sqlite_schema where name = 'prediction_chain'").get()
    return table === undefined ? undefined : new SqlitePredictionChain(db)
  }

  *entries(): Generator<ChainedRecord> {
    const rows = this.#db
      .prepare<[], JoinedRow>(
        `select chain.id as chain_id, chain.prediction_id as chain_prediction_id,
                chain.start_at_ms as chain_start_at_ms, record_hash, previous_hash, hash,
                ${presentColumns(this.#db, 'record').join(', ')}
           from prediction_chain as chain left join predictions as record
             on record.id = chain.prediction_id
                -- Of a record that was written twice, with a deletion between, the last entry is the one of now.
                and not exists (select 1 from prediction_chain
                                 where prediction_id = chain.prediction_id and id > chain.id)
          order by chain.id`,
      )
      .iterate()
    try {
      for (const row of rows) yield toChained(row)
    } catch (cause) {
      throw new StoreError('JOURNAL_READ_FAILED', `The journal cannot be read: ${messageOf(cause)}.`, { cause })
    }
  }

  unchained(): ReturnType<PredictionChain['unchained']> {
    const where = 'not exists (select 1 from prediction_chain where prediction_id = predictions.id)'
    const until = '(select coalesce(max(made_until_ms), 0) from prediction_chain_start)'
    const count = (comparison: string): number =>
      this.#db
        .prepare<[], number>(`select count(*) from predictions where ${where} and made_at_ms ${comparison} ${until}`)
        .pluck()
        .get()!
    const examples = this.#db
      .prepare<[], string>(
        `select id from predictions where ${where} and made_at_ms > ${until} order by made_at_ms limit ${mostExamples}`,
      )
      .pluck()
      .all()
    return { older: count('<='), others: count('>'), examples }
  }
}

function toChained(row: JoinedRow): ChainedRecord {
  return {
    id: row.chain_id,
    predictionId: row.chain_prediction_id,
    startAtMs: row.chain_start_at_ms,
    recordHash: row.record_hash,
    previousHash: row.previous_hash,
    hash: row.hash,
    foundHash: row.id === null ? undefined : hashRecord(row as PredictionRow),
  }
}

/**
 * Of every column as it is stored. An event that is absent is left out: such records have the hash that they had before
 * there were any. A column that a later release adds does the same.
 */
function hashRecord(row: PredictionRow): string {
  const { recipe, ...rest } = row
  const texts = predictionColumns.flatMap((column) =>
    column === 'recipe' || rest[column] === null ? [] : [rest[column]],
  )
  return createHash('sha256').update(JSON.stringify(texts)).update('\n').update(recipe).digest('hex')
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

import { createHash } from 'node:crypto'
import type { Statement } from 'better-sqlite3'
import { StoreError } from '#core/base/errors/app-error'
import { hashBeforeFirst } from '#core/base/text/hash-chain'
import {
  type Ledger,
  type LedgerEntry,
  type LedgerHead,
  type LedgerRow,
  type LedgerRows,
  ledgerText,
  type NewLedgerEntry,
} from '#core/tuning/governance/ledger'
import { readLedgerEvent } from '#core/tuning/governance/ledger-events'
import type { Database } from './database.ts'
import type { GovernanceCopy } from './governance-copy.ts'
import { told } from './ledger-told.ts'

/** Daemon and tuner may both have one open on the same file; the database decides who comes first. */
export class SqliteLedgerStore implements Ledger, LedgerRows {
  readonly #db: Database
  readonly #copy: GovernanceCopy | undefined
  readonly #head: Statement<[], { id: number; hash: string }>
  readonly #rowsAfter: Statement<[number], StoredRow>
  readonly #insert: Statement<[LedgerRow]>
  readonly #open: Statement<[], { asset: string; change_id: number }>
  /** Entries never change, so only those after the last known one are read. */
  #known: readonly LedgerEntry[] = []

  constructor(db: Database, copy?: GovernanceCopy) {
    this.#db = db
    this.#copy = copy
    this.#head = db.prepare('select id, hash from ledger order by id desc limit 1')
    this.#rowsAfter = db.prepare(
      `select id, kind, asset, change_id, at_ms, body, previous_hash, hash from ledger where id > ? order by id`,
    )
    this.#insert = db.prepare(
      `insert into ledger (id, kind, asset, change_id, at_ms, body, previous_hash, hash)
       values (:id, :kind, :asset, :changeId, :atMs, :body, :previousHash, :hash)`,
    )
    this.#open = db.prepare('select asset, change_id from open_changes order by asset')
  }

  head(): LedgerHead {
    return told('read', () => this.#head.get() ?? { id: 0, hash: hashBeforeFirst })
  }

  read(): readonly LedgerEntry[] {
    return told('read', () => this.#readNew())
  }

  append(decide: (entries: readonly LedgerEntry[]) => readonly NewLedgerEntry[]): readonly LedgerEntry[] {
    // immediate: the write lock is taken before reading, so nobody writes between reading and writing.
    const added = told('written', () => this.#db.transaction(() => this.#add(decide(this.#readNew()))).immediate())
    if (added.length > 0) this.#copy?.sync(this.#db)
    return added
  }

  appendAfter(headId: number, entries: readonly NewLedgerEntry[]): readonly LedgerEntry[] | undefined {
    let isCurrent = true
    const added = this.append((known) => {
      isCurrent = (known.at(-1)?.id ?? 0) === headId
      return isCurrent ? entries : []
    })
    return isCurrent ? added : undefined
  }

  readRows(): readonly LedgerRow[] {
    return told('read', () => this.#rowsAfter.all(0).map(toRow))
  }

  readOpenChanges(): readonly { readonly asset: string; readonly changeId: number }[] {
    return told('read', () => this.#open.all().map((row) => ({ asset: row.asset, changeId: row.change_id })))
  }

  #readNew(): readonly LedgerEntry[] {
    const added = this.#rowsAfter.all(this.#known.length).map((row) => toEntry(toRow(row)))
    if (added.length > 0) this.#known = [...this.#known, ...added]
    return this.#known
  }

  #add(entries: readonly NewLedgerEntry[]): readonly LedgerEntry[] {
    let { id, hash } = this.head()
    return entries.map((entry) => {
      id += 1
      const { kind, asset, changeId, atMs, body } = entry
      const row = { id, kind, asset, changeId, atMs, body: JSON.stringify(body), previousHash: hash }
      hash = createHash('sha256').update(ledgerText(row)).digest('hex')
      this.#insert.run({ ...row, hash })
      return toEntry({ ...row, hash })
    })
  }
}

interface StoredRow {
  readonly id: number
  readonly kind: string
  readonly asset: string
  readonly change_id: number
  readonly at_ms: number
  readonly body: string
  readonly previous_hash: string
  readonly hash: string
}

function toRow(row: StoredRow): LedgerRow {
  const { id, kind, asset, body, hash } = row
  return { id, kind, asset, changeId: row.change_id, atMs: row.at_ms, body, previousHash: row.previous_hash, hash }
}

function toEntry(row: LedgerRow): LedgerEntry {
  const event = readLedgerEvent(row.kind, row.body)
  if (event === undefined) {
    throw new StoreError('LEDGER_DAMAGED', `Entry ${row.id} of the ledger has content that no release wrote.`)
  }
  return { ...event, id: row.id, asset: row.asset, changeId: row.changeId, atMs: row.atMs }
}

import type SqliteDatabase from 'better-sqlite3'
import type { SchemeName } from '#core/bittensor/admission/auth-scheme'
import type { NonceBatch, NonceEntry, NonceFloor } from '#core/bittensor/admission/nonce-store'
import type { StoredNonces } from '#core/bittensor/admission/nonce-writer'

export interface NonceRow {
  readonly receiver: string
  readonly scheme: SchemeName
  readonly sender: string
  readonly lane: string
  readonly nonce_ns: bigint
}

export interface FloorRow {
  readonly receiver: string
  readonly scheme: SchemeName
  readonly sender: string
  readonly floor_ns: bigint
}

/** The nonce file. Its calls block: they belong on a thread of their own. */
export class SqliteNonceFile {
  readonly #statements: ReturnType<typeof prepareStatements>
  readonly #write: (batch: NonceBatch) => void

  constructor(db: SqliteDatabase.Database) {
    this.#statements = prepareStatements(db)
    this.#write = db.transaction((batch: NonceBatch) => this.#writeAll(batch)).immediate as (batch: NonceBatch) => void
  }

  /** Of all our hotkeys. */
  load(): StoredNonces {
    const { entries, floors, common } = this.#statements
    return {
      entries: (entries.all() as NonceRow[]).map(toEntry),
      floors: (floors.all() as FloorRow[]).map(toFloor),
      floorNs: (common.get() as bigint | undefined) ?? 0n,
    }
  }

  /** All or nothing, on disk when it returns. The same again changes nothing. */
  write(batch: NonceBatch): void {
    this.#write(batch)
  }

  #writeAll({ entries, floors, floorNs }: NonceBatch): void {
    const { save, raise, forget, raiseCommon } = this.#statements
    for (const entry of entries) save.run(entry)
    for (const floor of floors) {
      raise.run(floor)
      forget.run(floor)
    }
    if (floorNs !== undefined) raiseCommon.run(floorNs)
  }
}

// Nanoseconds since the epoch are beyond 2^53, so safeIntegers is on.
function prepareStatements(db: SqliteDatabase.Database) {
  return {
    entries: db.prepare('select receiver, scheme, sender, lane, nonce_ns from nonces').safeIntegers(true),
    floors: db.prepare('select receiver, scheme, sender, floor_ns from nonce_floors').safeIntegers(true),
    common: db.prepare('select floor_ns from nonce_common_floor').pluck().safeIntegers(true),
    save: db.prepare(
      `insert into nonces (receiver, scheme, sender, lane, nonce_ns)
       values (:receiver, :scheme, :sender, :lane, :nonceNs)
       on conflict (receiver, scheme, sender, lane) do update set nonce_ns = max(nonce_ns, excluded.nonce_ns)`,
    ),
    raise: db.prepare(
      `insert into nonce_floors (receiver, scheme, sender, floor_ns)
       values (:receiver, :scheme, :sender, :floorNs)
       on conflict (receiver, scheme, sender) do update set floor_ns = max(floor_ns, excluded.floor_ns)`,
    ),
    forget: db.prepare(
      `delete from nonces
       where receiver = :receiver and scheme = :scheme and sender = :sender and nonce_ns <= :floorNs`,
    ),
    raiseCommon: db.prepare(
      `insert into nonce_common_floor (only_row, floor_ns) values (1, ?)
       on conflict (only_row) do update set floor_ns = max(floor_ns, excluded.floor_ns)`,
    ),
  }
}

export function toEntry(row: NonceRow): NonceEntry {
  return { receiver: row.receiver, scheme: row.scheme, sender: row.sender, lane: row.lane, nonceNs: row.nonce_ns }
}

export function toFloor(row: FloorRow): NonceFloor {
  return { receiver: row.receiver, scheme: row.scheme, sender: row.sender, floorNs: row.floor_ns }
}

import SqliteDatabase from 'better-sqlite3'
import { systemClock } from '#adapters/clock/system-clock'
import { StoreError } from '#core/base/errors/app-error'
import type { Clock } from '#core/base/time/clock'
import type { SchemeName } from '#core/bittensor/admission/auth-scheme'
import type { NonceEntry, NonceFloor, NonceStore } from '#core/bittensor/admission/nonce-store'
import type { Database } from './database.ts'

interface NonceRow {
  receiver: string
  scheme: SchemeName
  sender: string
  lane: string
  nonce_ns: bigint
}

interface FloorRow {
  receiver: string
  scheme: SchemeName
  sender: string
  floor_ns: bigint
}

interface Pending {
  readonly write: () => void
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
  readonly giveUpAtMs: number
}

/** How often a lock of another connection is retried, and how long a write waits for it. */
const retryEveryMs = 10
const mostWaitMs = 2_000

/**
 * Writes that arrive in the same turn of the event loop share one transaction and so one sync of the disk, in the order
 * of their requests. While another connection holds the database, for example our own journal's, they wait without
 * blocking the answering thread.
 */
export class SqliteNonceStore implements NonceStore {
  readonly #db: Database
  readonly #statements: ReturnType<typeof prepareStatements>
  readonly #clock: Clock
  #pending: Pending[] = []

  constructor(db: Database, clock: Clock = systemClock) {
    this.#db = db
    this.#clock = clock
    this.#statements = prepareStatements(db)
  }

  async load(
    receiver: string,
  ): Promise<{ readonly entries: readonly NonceEntry[]; readonly floors: readonly NonceFloor[] }> {
    const entries = this.#statements.entries.all(receiver) as NonceRow[]
    const floors = this.#statements.floors.all(receiver) as FloorRow[]
    return { entries: entries.map(toEntry), floors: floors.map(toFloor) }
  }

  save(entry: NonceEntry): Promise<void> {
    return this.#enqueue(() => this.#statements.save.run(entry))
  }

  forget(entries: readonly NonceEntry[], floors: readonly NonceFloor[]): Promise<void> {
    return this.#enqueue(() => {
      for (const floor of floors) this.#statements.raise.run(floor)
      for (const entry of entries) this.#statements.remove.run(entry)
    })
  }

  #enqueue(write: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ write, resolve, reject, giveUpAtMs: this.#clock.monotonicMs() + mostWaitMs })
      if (this.#pending.length === 1) setImmediate(() => this.#commit())
    })
  }

  #commit(): void {
    const batch = this.#pending
    const outcome = this.#tryOnce(batch)
    if (outcome === 'busy') {
      this.#waitForLock()
      return
    }
    this.#pending = []
    for (const { resolve, reject } of batch) {
      if (outcome === 'written') resolve()
      else reject(outcome.error)
    }
  }

  #tryOnce(batch: readonly Pending[]): 'written' | 'busy' | { readonly error: unknown } {
    try {
      const busyTimeoutMs = this.#db.pragma('busy_timeout', { simple: true }) as number
      this.#db.pragma('busy_timeout = 0')
      try {
        this.#db
          .transaction(() => {
            for (const { write } of batch) write()
          })
          .immediate()
      } finally {
        this.#db.pragma(`busy_timeout = ${busyTimeoutMs}`)
      }
      return 'written'
    } catch (error) {
      return isBusy(error) ? 'busy' : { error }
    }
  }

  /** Pending writes stay before those that arrive meanwhile. */
  #waitForLock(): void {
    const nowMs = this.#clock.monotonicMs()
    const isLate = ({ giveUpAtMs }: Pending) => giveUpAtMs <= nowMs
    for (const { reject } of this.#pending.filter(isLate)) {
      reject(new StoreError('STORE_BUSY', `Another process has held ${this.#db.name} for ${mostWaitMs} ms.`))
    }
    this.#pending = this.#pending.filter((pending) => !isLate(pending))
    if (this.#pending.length > 0) void this.#clock.sleep(retryEveryMs).then(() => this.#commit())
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof SqliteDatabase.SqliteError && /^SQLITE_(BUSY|LOCKED)/.test(error.code)
}

// Nanoseconds since the epoch are beyond 2^53, so safeIntegers is on.
function prepareStatements(db: Database) {
  return {
    entries: db
      .prepare('select receiver, scheme, sender, lane, nonce_ns from nonces where receiver = ?')
      .safeIntegers(true),
    floors: db
      .prepare('select receiver, scheme, sender, floor_ns from nonce_floors where receiver = ?')
      .safeIntegers(true),
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
    remove: db.prepare(
      `delete from nonces
       where receiver = :receiver and scheme = :scheme and sender = :sender and lane = :lane and nonce_ns <= :nonceNs`,
    ),
  }
}

function toEntry(row: NonceRow): NonceEntry {
  return { receiver: row.receiver, scheme: row.scheme, sender: row.sender, lane: row.lane, nonceNs: row.nonce_ns }
}

function toFloor(row: FloorRow): NonceFloor {
  return { receiver: row.receiver, scheme: row.scheme, sender: row.sender, floorNs: row.floor_ns }
}

import { createHash } from 'node:crypto'
import type { Statement } from 'better-sqlite3'
import { StoreError } from '#core/base/errors/app-error'
import { messageOf } from '#core/base/errors/message-of'
import type { Clock } from '#core/base/time/clock'
import type {
  StatePart,
  StoredState,
  StoredStateReading,
  VolatilityStateStore,
} from '#core/forecast/models/states/state-store'
import type { VenueId } from '#core/market/venues/venue'
import type { Database } from './database.ts'

interface Row {
  readonly asset: string
  readonly part: StatePart
  readonly venue: string
  readonly symbol: string
  readonly state: string
  readonly seenToMs: number
  readonly closesTaken: number
  readonly closesStored: number
  readonly sha256: string
}

export class SqliteVolatilityStateStore implements VolatilityStateStore {
  readonly #selectAll: Statement<[], Row>
  readonly #saveAll: (states: readonly StoredState[]) => void

  constructor(db: Database, clock: Clock) {
    this.#selectAll = db.prepare(
      `select asset, part, venue, symbol, state, seen_to_at_ms as seenToMs, closes_taken as closesTaken,
              closes_stored as closesStored, sha256
         from volatility_states order by asset, part`,
    )
    const upsert = db.prepare<[Row & { readonly storedAtMs: number }]>(
      `insert into volatility_states
         (asset, part, venue, symbol, state, seen_to_at_ms, closes_taken, closes_stored, sha256, stored_at_ms)
       values (:asset, :part, :venue, :symbol, :state, :seenToMs, :closesTaken, :closesStored, :sha256, :storedAtMs)
       on conflict (asset, part) do update set
         venue = excluded.venue, symbol = excluded.symbol, state = excluded.state,
         seen_to_at_ms = excluded.seen_to_at_ms, closes_taken = excluded.closes_taken,
         closes_stored = excluded.closes_stored, sha256 = excluded.sha256, stored_at_ms = excluded.stored_at_ms`,
    )
    this.#saveAll = db.transaction((states: readonly StoredState[]) => {
      const storedAtMs = clock.nowMs()
      for (const state of states) upsert.run({ ...toRow(state), storedAtMs })
    }).immediate as (states: readonly StoredState[]) => void
  }

  readAll(): readonly StoredStateReading[] {
    try {
      return this.#selectAll.all().map(toReading)
    } catch (cause) {
      throw storeError('read', cause)
    }
  }

  save(states: readonly StoredState[]): void {
    try {
      this.#saveAll(states)
    } catch (cause) {
      throw storeError('stored', cause)
    }
  }
}

function toRow({ series, part, text, seenToMs, closesTaken, closesStored }: StoredState): Row {
  const { asset, venue, symbol } = series
  const row = { asset, part, venue, symbol, state: text, seenToMs, closesTaken, closesStored }
  return { ...row, sha256: checksum(row) }
}

function toReading(row: Row): StoredStateReading {
  const { asset, part, venue, symbol, state, seenToMs, closesTaken, closesStored } = row
  if (row.sha256 !== checksum(row)) return { isIntact: false, asset, part }
  const series = { asset, venue: venue as VenueId, symbol }
  return { isIntact: true, series, part, text: state, seenToMs, closesTaken, closesStored }
}

function checksum(row: Omit<Row, 'sha256'>): string {
  const { asset, part, venue, symbol, state, seenToMs, closesTaken, closesStored } = row
  const content = JSON.stringify([asset, part, venue, symbol, state, seenToMs, closesTaken, closesStored])
  return createHash('sha256').update(content).digest('hex')
}

function storeError(what: 'read' | 'stored', cause: unknown): StoreError {
  const message = messageOf(cause)
  return new StoreError('VOLATILITY_STORE_FAILED', `The volatility states were not ${what}: ${message}.`, { cause })
}

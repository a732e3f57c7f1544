import { systemClock } from '#adapters/clock/system-clock'
import { connectToRead, type Database } from '#adapters/sqlite/database'
import { SqliteMetagraphStore } from '#adapters/sqlite/metagraph-store'
import { SqliteMinuteStore } from '#adapters/sqlite/minute-store'
import { SqliteTunerRunStore } from '#adapters/sqlite/tuner-run-store'
import { SqliteVolatilityStateStore } from '#adapters/sqlite/volatility-state-store'
import { StoreError } from '#core/base/errors/app-error'
import type { ErrorCode } from '#core/base/errors/codes'
import type { PartHealth } from '#core/base/health/health-board'
import type { ShutdownStack } from '#core/base/lifecycle/shutdown-stack'
import type { Logger } from '#core/base/log/logger'
import type { TrustedTime } from '#core/base/time/trusted-time'
import type { MetagraphStore } from '#core/bittensor/chain/metagraph'
import type { VolatilityStateStore } from '#core/forecast/models/states/state-store'
import { BufferedMinutes } from '#core/market/minutes/buffered-minutes'
import type { LedgerEntry, NewLedgerEntry } from '#core/tuning/governance/ledger'
import type { TunerRunStore } from '#core/tuning/runs/tuner-runs'
import { describeStore } from './store/store-health.ts'
import type { StoreWorkerData } from './store/store-worker.ts'
import { startWorker } from './workers/start-worker.ts'
import type { StoreAnswer, StoreCall } from './workers/store-calls.ts'
import { StoreThread } from './workers/store-thread.ts'

export interface StoreParts {
  readonly stack: ShutdownStack
  /** The connection that brought the file up to date. It is closed: the answering thread only reads from here on. */
  readonly migrated: Database
  /** The miner's own time, in epoch milliseconds. */
  readonly now: () => number
  readonly log: Logger
  readonly onBug: (error: unknown) => void
}

export interface MinerStore {
  /** Reads only. */
  readonly db: Database
  readonly minutes: BufferedMinutes
  readonly states: VolatilityStateStore
  readonly metagraphs: MetagraphStore
  readonly runs: TunerRunStore
  readonly appendToLedger: (headId: number, entries: readonly NewLedgerEntry[]) => Promise<AppendedToLedger>
  /** A failure is logged: the next minute saves a newer time. */
  readonly saveTrusted: (time: TrustedTime) => void
  health(): PartHealth
}

export interface AppendedToLedger {
  /** Undefined: somebody else has appended meanwhile. */
  readonly added: readonly LedgerEntry[] | undefined
  readonly copyProblem: string | undefined
}

/** The main file as the answering thread sees it: a connection that reads, and a thread that writes. */
export async function composeStore(parts: StoreParts, dbPath: string): Promise<MinerStore> {
  const { stack, migrated, now, log, onBug } = parts
  const workerData: StoreWorkerData = { dbPath }
  const place = { beside: import.meta.url, file: 'store/store-worker' }
  const start = () => startWorker<StoreCall, StoreAnswer>(place, { workerData, name: 'store' })
  const thread = new StoreThread({ clock: systemClock, log: log.child({ component: 'store' }), start })
  await stack.use('store thread', thread)
  // Whoever closes a file as the last copies its log: that is the thread, whose connection is there from here on.
  await thread.call('ready')
  const db = connectToRead(dbPath)
  migrated.close()
  await stack.use('database', { stop: () => void db.close() })

  const call = async <T>(code: ErrorCode, name: string, ...args: readonly unknown[]): Promise<T> => {
    const result = await thread.call<T>(name, now(), ...args)
    if (result.ok) return result.value
    throw new StoreError(code, `Not written yet: ${result.failure.kind}, ${result.failure.detail}.`)
  }
  const reader = new SqliteMinuteStore(db, systemClock)
  const minutes = new BufferedMinutes({
    stored: reader,
    write: (writes) => thread.call('writeMinutes', now(), writes.map(plain)),
    clock: systemClock,
    onBug,
  })
  const storedStates = new SqliteVolatilityStateStore(db, systemClock)
  const storedMetagraphs = new SqliteMetagraphStore(db)
  const storedRuns = new SqliteTunerRunStore(db)
  return {
    db,
    minutes,
    states: {
      readAll: () => storedStates.readAll(),
      save: async (rows) => {
        // A stored state never knows more than the stored minutes.
        await minutes.tried()
        if (!minutes.isSettled()) {
          throw new StoreError('VOLATILITY_STORE_FAILED', `Minutes wait for the disk: ${minutes.failure?.detail}.`)
        }
        await call('VOLATILITY_STORE_FAILED', 'saveStates', rows)
      },
    },
    metagraphs: {
      save: (snapshot) => call('STORE_BUSY', 'saveMetagraph', snapshot),
      latest: (netuid, genesisHash) => storedMetagraphs.latest(netuid, genesisHash),
    },
    runs: {
      record: (run) => call('STORE_BUSY', 'recordTunerRun', run),
      recentRuns: (job) => storedRuns.recentRuns(job),
      firstRunAtMs: () => storedRuns.firstRunAtMs(),
    },
    saveTrusted: (time) => {
      call('LEDGER_STORE_FAILED', 'saveTrustedTime', time).catch((err: unknown) => {
        log.warn({ event: 'clock.not_saved', err }, 'The trusted time could not be saved')
      })
    },
    appendToLedger: (headId, entries) => call('LEDGER_STORE_FAILED', 'appendToLedger', headId, entries),
    health: () => describeStore({ dbPath, failure: minutes.failure, waitingDays: minutes.waitingDays }),
  }
}

/** Across the border of a thread goes data only. */
function plain({
  batch: { isEmpty, days, firstMs, lastMs },
  ...write
}: Parameters<BufferedMinutes['write']>[0][number]) {
  return { ...write, batch: { isEmpty, days, firstMs, lastMs } }
}

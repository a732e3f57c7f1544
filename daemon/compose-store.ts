import { join } from 'node:path'
import { systemClock } from '#adapters/clock/system-clock'
import { connectToRead, type Database } from '#adapters/sqlite/database'
import { governancePathOf } from '#adapters/sqlite/governance-path'
import { SqliteGovernanceStore } from '#adapters/sqlite/governance-store'
import { SqliteLedgerStore } from '#adapters/sqlite/ledger-store'
import { SqliteMetagraphStore } from '#adapters/sqlite/metagraph-store'
import { SqliteMinuteStore } from '#adapters/sqlite/minute-store'
import { countPredictions } from '#adapters/sqlite/prediction-reader'
import type { StartFiles } from '#adapters/sqlite/start-files'
import { SqliteTunerRunStore } from '#adapters/sqlite/tuner-run-store'
import { SqliteVolatilityStateStore } from '#adapters/sqlite/volatility-state-store'
import { StoreError } from '#core/base/errors/app-error'
import type { ErrorCode } from '#core/base/errors/codes'
import type { PartHealth } from '#core/base/health/health-board'
import type { ShutdownStack, Stoppable } from '#core/base/lifecycle/shutdown-stack'
import type { Logger } from '#core/base/log/logger'
import type { TrustedTime, TrustedTimeStore } from '#core/base/time/trusted-time'
import type { MetagraphStore } from '#core/bittensor/chain/metagraph'
import type { VolatilityStateStore } from '#core/forecast/models/states/state-store'
import { BufferedMinutes } from '#core/market/minutes/buffered-minutes'
import type { Ledger, LedgerEntry, NewLedgerEntry } from '#core/tuning/governance/ledger'
import type { TunerRunStore } from '#core/tuning/runs/tuner-runs'
import { describeStore } from './store/store-health.ts'
import type { StoreWorkerData } from './store/store-worker.ts'
import type { OldRows } from './store/thin-old-rows.ts'
import type { StoredPrices } from './store/thin-prices.ts'
import { startWorker } from './workers/start-worker.ts'
import type { StoreAnswer, StoreCall } from './workers/store-calls.ts'
import { StoreThread } from './workers/store-thread.ts'

export interface StoreParts {
  readonly stack: ShutdownStack
  readonly files: StartFiles
  /** The miner's own time, in epoch milliseconds. */
  readonly now: () => number
  readonly log: Logger
  readonly packageRoot: string
  readonly onBug: (error: unknown) => void
}

export interface MinerStore {
  readonly minutes: BufferedMinutes
  readonly states: VolatilityStateStore
  readonly metagraphs: MetagraphStore
  readonly runs: TunerRunStore
  readonly oldRows: OldRows
  readonly prices: StoredPrices
  readonly governance: GovernanceReader
  readonly appendToLedger: (headId: number, entries: readonly NewLedgerEntry[]) => Promise<AppendedToLedger>
  /** A failure is logged: the next minute saves a newer time. */
  readonly saveTrusted: (time: TrustedTime) => void
  /** A failure is logged: the next minute tries again. */
  readonly recordStart: (atMs: number) => void
  countPredictions(): number
  health(): PartHealth
}

/** What the answering thread reads of the governance file. */
export interface GovernanceReader extends Pick<Ledger, 'head' | 'read'>, Pick<TrustedTimeStore, 'readTrusted'> {
  startedAtMs(): number | undefined
}

export interface AppendedToLedger {
  /** Undefined: somebody else has appended meanwhile. */
  readonly added: readonly LedgerEntry[] | undefined
  readonly copyProblem: string | undefined
}

/** A start on a full disk looks so often whether there is room again. */
const lookAgainMs = 2_000

/** The miner's files as the answering thread sees them: connections that read, and a thread that writes. */
export async function composeStore(parts: StoreParts, dbPath: string): Promise<MinerStore> {
  const { stack, files, now, log, onBug } = parts
  const workerData: StoreWorkerData = { dbPath, migrationsDir: join(parts.packageRoot, 'migrations') }
  const place = { beside: import.meta.url, file: 'store/store-worker' }
  const start = () => startWorker<StoreCall, StoreAnswer>(place, { workerData, name: 'store' })
  const thread = new StoreThread({ clock: systemClock, log: log.child({ component: 'store' }), start })
  await stack.use('store thread', thread)
  // Whoever closes a file as the last copies its log: that is the thread, whose connections are there from here on.
  await thread.call('ready')
  let readers = openReaders(files.main, files.governance.db)
  let { substituteFor } = files
  const readFiles = (): void => {
    const opened = openReaders(connectToRead(dbPath), connectToRead(governancePathOf(dbPath)))
    readers.close()
    readers = opened
    substituteFor = undefined
  }
  if (substituteFor === undefined) readFiles()
  else await stack.use('wait for the disk', waitForDisk())
  await stack.use('database', { stop: () => readers.close() })

  /** What waits meanwhile is written by its own retries. */
  function waitForDisk(): Stoppable {
    const stopping = new AbortController()
    const wait = async (): Promise<void> => {
      while (substituteFor !== undefined) {
        await systemClock.sleep(lookAgainMs, stopping.signal)
        if (!(await thread.call('ready')).ok) continue
        readFiles()
        log.info({ event: 'database.opened_late', path: dbPath }, 'There is room on the disk; the database is open')
      }
    }
    const waiting = wait().catch((error: unknown) => {
      if (!stopping.signal.aborted) onBug(error)
    })
    return {
      stop: () => {
        stopping.abort(new Error('stopping'))
        return waiting
      },
    }
  }

  const call = async <T>(code: ErrorCode, name: string, ...args: readonly unknown[]): Promise<T> => {
    const result = await thread.call<T>(name, now(), ...args)
    if (result.ok) return result.value
    throw new StoreError(code, `Not written yet: ${result.failure.kind}, ${result.failure.detail}.`)
  }
  const minutes = new BufferedMinutes({
    stored: {
      readSlots: (...asked) => readers.minutes.readSlots(...asked),
      readCloses: (...asked) => readers.minutes.readCloses(...asked),
      readCandles: (...asked) => readers.minutes.readCandles(...asked),
      firstClose: (...asked) => readers.minutes.firstClose(...asked),
      lastClose: (...asked) => readers.minutes.lastClose(...asked),
      listSeries: () => readers.minutes.listSeries(),
      listRanges: (series) => readers.minutes.listRanges(series),
    },
    write: (writes) => thread.call('writeMinutes', now(), writes.map(plain)),
    clock: systemClock,
    onBug,
  })
  return {
    minutes,
    states: {
      readAll: () => readers.states.readAll(),
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
      latest: (netuid, genesisHash) => readers.metagraphs.latest(netuid, genesisHash),
    },
    runs: {
      record: (run) => call('STORE_BUSY', 'recordTunerRun', run),
      recentRuns: (job) => readers.runs.recentRuns(job),
      firstRunAtMs: () => readers.runs.firstRunAtMs(),
    },
    oldRows: {
      deleteField: (beforeMs) => thread.call('deleteField', now(), beforeMs),
      deleteRealisedPaths: (beforeMs) => thread.call('deleteRealisedPaths', now(), beforeMs),
    },
    prices: {
      drop: (limits) => thread.call('dropPrices', now(), limits),
      release: (keepBytes) => thread.call('releasePages', now(), keepBytes),
      unused: () => thread.call('unusedPages', now()),
    },
    governance: {
      head: () => readers.ledger.head(),
      read: () => readers.ledger.read(),
      readTrusted: () => readers.governance.readTrusted(),
      startedAtMs: () => readers.governance.startedAtMs(),
    },
    saveTrusted: (time) => {
      call('LEDGER_STORE_FAILED', 'saveTrustedTime', time).catch((err: unknown) => {
        log.warn({ event: 'clock.not_saved', err }, 'The trusted time could not be saved')
      })
    },
    recordStart: (atMs) => {
      call('LEDGER_STORE_FAILED', 'recordStart', atMs).catch((err: unknown) => {
        const sentence = 'The first start could not be noted; trying again in a minute'
        log.warn({ event: 'governance.start_not_noted', err }, sentence)
      })
    },
    appendToLedger: (headId, entries) => call('LEDGER_STORE_FAILED', 'appendToLedger', headId, entries),
    countPredictions: () => countPredictions(readers.db),
    health: () => describeStore({ dbPath, substituteFor, failure: minutes.failure, waitingDays: minutes.waitingDays }),
  }
}

function openReaders(db: Database, governance: Database) {
  return {
    db,
    minutes: new SqliteMinuteStore(db, systemClock),
    states: new SqliteVolatilityStateStore(db, systemClock),
    metagraphs: new SqliteMetagraphStore(db),
    runs: new SqliteTunerRunStore(db),
    ledger: new SqliteLedgerStore(governance),
    governance: new SqliteGovernanceStore(governance),
    close: () => {
      db.close()
      governance.close()
    },
  }
}

/** Across the border of a thread goes data only. */
function plain({
  batch: { isEmpty, days, candles, firstMs, lastMs },
  ...write
}: Parameters<BufferedMinutes['write']>[0][number]) {
  return { ...write, batch: { isEmpty, days, firstMs, lastMs, ...(candles === undefined ? {} : { candles }) } }
}

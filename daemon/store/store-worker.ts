/**
 * The thread that writes the miner's files, so that neither a lock nor a slow disk nor a checkpoint delays the answering
 * thread, which only reads them.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '#adapters/clock/system-clock'
import { checkpointFile } from '#adapters/sqlite/checkpoint-file'
import { keepFewPages, openDatabase, openGovernanceDatabase } from '#adapters/sqlite/database'
import { GovernanceCopy } from '#adapters/sqlite/governance-copy'
import { governanceCopyPathOf, governancePathOf } from '#adapters/sqlite/governance-path'
import { SqliteGovernanceStore } from '#adapters/sqlite/governance-store'
import { SqliteLedgerStore } from '#adapters/sqlite/ledger-store'
import { SqliteMetagraphStore } from '#adapters/sqlite/metagraph-store'
import { SqliteMinuteStore } from '#adapters/sqlite/minute-store'
import { SqliteOldRows } from '#adapters/sqlite/old-rows'
import { type PriceLimits, SqlitePriceThinning } from '#adapters/sqlite/price-thinning'
import { attempt } from '#adapters/sqlite/store-failure'
import { SqliteTunerRunStore } from '#adapters/sqlite/tuner-run-store'
import { releasePages, unusedPages } from '#adapters/sqlite/unused-pages'
import { SqliteVolatilityStateStore } from '#adapters/sqlite/volatility-state-store'
import type { TrustedTime } from '#core/base/time/trusted-time'
import type { MetagraphSnapshot } from '#core/bittensor/chain/metagraph'
import type { StoredState } from '#core/forecast/models/states/state-store'
import { PathKernel } from '#core/forecast/paths/kernel/path-kernel'
import { PathSampler } from '#core/forecast/paths/path-sampler'
import type { MinuteWrite } from '#core/market/minutes/minute-store'
import type { NewLedgerEntry } from '#core/tuning/governance/ledger'
import type { TunerRun } from '#core/tuning/runs/tuner-runs'
import { type OpenStore, serveCalls } from '../workers/serve-calls.ts'

export interface StoreWorkerData {
  readonly dbPath: string
  readonly migrationsDir: string
}

/** A lock of another process is waited for here, where no answer waits. */
const busyTimeoutMs = 1_000
const checkpointEveryMs = 1_000
/** A little more than the size to which a log goes back, see configure() in migrated-file.ts. */
const checkpointFromBytes = 4_100_000

const { dbPath, migrationsDir } = workerData as StoreWorkerData

/** The miner's own time may be that of a market stand-in: it comes with each call. */
let nowMs = 0
const clock = { ...systemClock, nowMs: () => nowMs }

function open(): OpenStore {
  // The miner has opened both before; only a start on a full disk leaves it to this thread.
  const options = { path: dbPath, migrationsDir, clock: systemClock, busyTimeoutMs, holdsLock: true }
  const db = keepFewPages(openDatabase(options))
  const governance = openBeside(db, () => openGovernanceDatabase(options))
  // One transaction must not stand still for the pages of many: checkpoint() below does that beside them.
  for (const each of [db, governance]) each.pragma('wal_autocheckpoint = 0')
  const copy = new GovernanceCopy(governanceCopyPathOf(dbPath))
  const ledger = new SqliteLedgerStore(governance, copy)
  const minutes = new SqliteMinuteStore(db, clock)
  const states = new SqliteVolatilityStateStore(db, clock)
  const metagraphs = new SqliteMetagraphStore(db)
  const runs = new SqliteTunerRunStore(db)
  const old = new SqliteOldRows(db)
  const kernel = new PathKernel()
  const tools = { sampler: new PathSampler(kernel), writePrices: kernel.writePrices.bind(kernel) }
  const prices = new SqlitePriceThinning(db, tools, () => systemClock.monotonicMs())
  const at =
    <Args extends unknown[], T>(work: (...args: Args) => T) =>
    (atMs: number, ...args: Args): T => {
      nowMs = atMs
      return work(...args)
    }
  return {
    calls: {
      ready: () => undefined,
      writeMinutes: at((writes: readonly MinuteWrite[]) => void minutes.write(writes)),
      saveStates: at((rows: readonly StoredState[]) => states.save(rows)),
      saveMetagraph: at((snapshot: MetagraphSnapshot) => metagraphs.save(snapshot)),
      deleteField: at((beforeMs: number) => old.deleteField(beforeMs)),
      deleteRealisedPaths: at((beforeMs: number) => old.deleteRealisedPaths(beforeMs)),
      dropPrices: at((limits: PriceLimits) => prices.drop(limits)),
      releasePages: at((keepBytes: number) => releasePages(db, keepBytes)),
      unusedPages: at(() => unusedPages(db)),
      recordTunerRun: at((run: TunerRun) => runs.record(run)),
      saveTrustedTime: at((time: TrustedTime) => new SqliteGovernanceStore(governance).saveTrusted(time)),
      recordStart: at((startedAtMs: number) => new SqliteGovernanceStore(governance, copy).recordStart(startedAtMs)),
      appendToLedger: at((headId: number, entries: readonly NewLedgerEntry[]) => ({
        added: ledger.appendAfter(headId, entries),
        copyProblem: copy.problem,
      })),
    },
    close: () => {
      db.close()
      governance.close()
    },
  }
}

function openBeside<T>(first: { close(): unknown }, open: () => T): T {
  try {
    return open()
  } catch (error) {
    first.close()
    throw error
  }
}

const stopping = new AbortController()
parentPort!.once('close', () => stopping.abort(new Error('stopping')))

async function checkpoint(): Promise<void> {
  for (;;) {
    await systemClock.sleep(checkpointEveryMs, stopping.signal)
    for (const path of [dbPath, governancePathOf(dbPath)]) attempt(() => checkpointFile(path, checkpointFromBytes))
  }
}

serveCalls(parentPort!, { attempt, open })
checkpoint().catch((error: unknown) => {
  // A stop ends the sleep. Anything else is a bug; the thread ends and is replaced.
  if (!stopping.signal.aborted) throw error
})

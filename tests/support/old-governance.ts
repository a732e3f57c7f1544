import { copyFileSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type SqliteDatabase from 'better-sqlite3'
import { systemClock } from '#adapters/clock/system-clock'
import { type Database, openDatabase } from '#adapters/sqlite/database'
import { SqliteGovernanceStore } from '#adapters/sqlite/governance-store'
import { SqliteLedgerStore } from '#adapters/sqlite/ledger-store'
import type { NewLedgerEntry } from '#core/tuning/governance/ledger'
import { temporaryFolder } from './temporary-folder.ts'

const migrationsDir = join(import.meta.dirname, '..', '..', 'migrations')
/** When the miner of these databases first ran. */
export const firstStartMs = Date.UTC(2026, 4, 1)

export function proposed(changeId: number, asset: string, atMs = firstStartMs): NewLedgerEntry {
  return {
    ...{ kind: 'proposed', asset, changeId, atMs },
    body: {
      ...{ parameter: 'lambda', oldValue: 0.94, newValue: 0.93, before: 0.94, after: 0.93 },
      ...{ reason: 'a test', by: 'operator', isForced: true, evidence: null, effectiveAtMs: 60_000 },
    },
  }
}

export function reverted(changeId: number, asset: string, atMs = firstStartMs): NewLedgerEntry {
  return {
    ...{ kind: 'verdict', asset, changeId, atMs },
    body: {
      ...{ decision: 'reverted', assessment: 'unknown', comparison: null, by: 'operator', reason: 'x' },
      effectiveAtMs: 60_000,
    },
  }
}

/** Five entries, two evidences, one run and the first start. */
export function fillGovernance(db: Database): void {
  const store = new SqliteGovernanceStore(db)
  store.recordStart(firstStartMs)
  for (const asset of ['BTC', 'ETH']) {
    store.saveEvidence({
      ...{ asset, parameter: 'lambda', oldValue: 0.94, newValue: 0.93, before: 0.94, after: 0.93 },
      ...{ fromMs: 0, toMs: 1, madeAtMs: 1 },
      comparison: { count: 1, days: 1, relativeDifference: 0, interval: [0, 0], level: 0.95, horizons: [] },
    })
  }
  store.recordRun({ kind: 'observe', asset: 'BTC', startedAtMs: 1, finishedAtMs: 2, outcome: 'nothing' })
  const ledger = new SqliteLedgerStore(db)
  ledger.append(() => [proposed(1, 'BTC'), reverted(1, 'BTC')])
  ledger.append(() => [proposed(2, 'ETH'), proposed(3, 'BTC'), reverted(2, 'ETH')])
}

/** The main file as a release left it whose migrations are below this number. */
export function openOlderDatabase(path: string, below = '0100'): Database {
  const older = join(temporaryFolder(), 'migrations')
  mkdirSync(older)
  for (const file of readdirSync(migrationsDir).filter((name) => name < below && name.endsWith('.sql'))) {
    copyFileSync(join(migrationsDir, file), join(older, file))
  }
  return openDatabase({ path, migrationsDir: older, clock: systemClock })
}

/** Every row of governance, from the file that holds it. */
export function dumpGovernance(db: SqliteDatabase.Database): Record<string, unknown[]> {
  const tables = ['miner_facts', 'ledger', 'open_changes', 'evidence', 'governance_runs']
  return Object.fromEntries(tables.map((table) => [table, db.prepare(`select * from ${table} order by 1`).all()]))
}

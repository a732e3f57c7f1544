import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { type Database, openDatabase, openGovernanceDatabase, openNonceDatabase } from '#adapters/sqlite/database'
import { temporaryFolder } from './temporary-folder.ts'

const migrationsDir = join(import.meta.dirname, '..', '..', 'migrations')

/** One in memory, for a fixture that outlives a single test. */
export function openMemoryDatabase(): Database {
  return openDatabase({ path: ':memory:', migrationsDir, clock: systemClock })
}

/** The main file at this path, brought up to date. */
export function openMainDatabase(path: string): Database {
  return openDatabase({ path, migrationsDir, clock: systemClock })
}

/** Ledger, evidence and first start, in memory. */
export function openMemoryGovernance(): Database {
  return openGovernanceDatabase({ path: ':memory:', migrationsDir, clock: systemClock })
}

/** Those of the miner whose main file this is; another connection to it when they are open already. */
export function openGovernanceOf(mainPath: string, options: { readonly busyTimeoutMs?: number } = {}): Database {
  openDatabase({ path: mainPath, migrationsDir, clock: systemClock, ...options }).close()
  return openGovernanceDatabase({ path: mainPath, migrationsDir, clock: systemClock, ...options })
}

/** A real database file of the test's own, with every migration applied. */
export function openTestDatabase(): Database {
  const db = openDatabase({ path: join(temporaryFolder(), 'test.sqlite'), migrationsDir, clock: systemClock })
  onTestFinished(() => void db.close())
  return db
}

/** A real nonce file of the test's own. */
export function openTestNonces(): Database {
  const db = openNonceDatabase({ path: join(temporaryFolder(), 'test.sqlite'), migrationsDir, clock: systemClock })
  onTestFinished(() => void db.close())
  return db
}

import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { type Database, openDatabase } from '#adapters/sqlite/database'
import { temporaryFolder } from './temporary-folder.ts'

const migrationsDir = join(import.meta.dirname, '..', '..', 'migrations')

/** One in memory, for a fixture that outlives a single test. */
export function openMemoryDatabase(): Database {
  return openDatabase({ path: ':memory:', migrationsDir, clock: systemClock })
}

/** A real database file of the test's own, with every migration applied. */
export function openTestDatabase(): Database {
  const db = openDatabase({ path: join(temporaryFolder(), 'test.sqlite'), migrationsDir, clock: systemClock })
  onTestFinished(() => void db.close())
  return db
}

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { StoreError } from '#core/base/errors/app-error'
import type { Logger } from '#core/base/log/logger'
import { copyBeforeUpgrade, refuseWhileMinerRuns } from './copy-before-upgrade.ts'
import { moveGovernance } from './governance-move.ts'
import { governancePathOf } from './governance-path.ts'
import {
  type ConnectOptions,
  configure,
  hasHistory,
  type MigratedFileOptions,
  openFile,
  openMigratedFile,
  readApplied,
  refuseFolder,
  refuseForeign,
  unusable,
} from './migrated-file.ts'
import { moveNonces } from './nonce-move.ts'
import { nonceMarkPathsOf, noncePathOf } from './nonce-path.ts'

export type Database = SqliteDatabase.Database

export interface OpenDatabaseOptions
  extends Pick<MigratedFileOptions, 'path' | 'migrationsDir' | 'clock' | 'busyTimeoutMs'> {
  readonly log?: Logger
  /** The miner itself. Others leave the schema alone while a miner runs: it would be one of an older release. */
  readonly holdsLock?: boolean
}

const governanceMoved = 100
const noncesMoved = 120

/** Opens the miner's main file, upgrades its schema and returns it. The caller closes it. */
export function openDatabase(options: OpenDatabaseOptions): Database {
  return openMigratedFile({
    ...options,
    steps: new Map([
      [governanceMoved, (db: Database) => moveGovernance(db, governanceFile(options))],
      [noncesMoved, (db: Database) => moveNonces(db, nonceFile(options), nonceMarkPathsOf(options.path).near)],
    ]),
    beforeUpgrade: upgrade(options),
  })
}

/** As the release left it whose newest migration this is: a place for what is read from a damaged file. */
export function openOlderDatabase(options: OpenDatabaseOptions, lastMigration: number): Database {
  return openMigratedFile({ ...options, lastMigration, steps: new Map([[governanceMoved, () => {}]]) })
}

function upgrade({ path, holdsLock = false, log }: OpenDatabaseOptions) {
  return (db: Database, version: number) => {
    if (!holdsLock && path !== ':memory:') refuseWhileMinerRuns(path)
    copyBeforeUpgrade(db, version, log)
  }
}

/** Ledger, evidence and first start. The main file must be opened first; it hands them over once. */
export function openGovernanceDatabase(options: OpenDatabaseOptions): Database {
  return openMigratedFile(governanceFile(options))
}

/** Taken nonces. Whoever opens it has opened the main file before, which hands them over once. */
export function openNonceDatabase(options: OpenDatabaseOptions): Database {
  return openMigratedFile(nonceFile(options))
}

function nonceFile(options: OpenDatabaseOptions): MigratedFileOptions {
  const { path, migrationsDir } = options
  return { ...options, path: noncePathOf(path), migrationsDir: join(migrationsDir, 'nonces') }
}

function governanceFile(options: OpenDatabaseOptions): MigratedFileOptions {
  const { path, migrationsDir } = options
  const own = { path: governancePathOf(path), migrationsDir: join(migrationsDir, 'governance') }
  return { ...options, ...own, beforeUpgrade: upgrade(options) }
}

/** A further connection to a database that `openDatabase` has upgraded, usually in another thread. */
export function connectDatabase(options: ConnectOptions): Database {
  const db = openFile(options)
  try {
    configure(db)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/**
 * The connections of a miner live for weeks, beside a file that grows: by default each would fill 16 MB with pages that it
 * never needs again.
 */
export function keepFewPages(db: Database): Database {
  db.pragma('cache_size = -2000')
  return db
}

/** The connection of a thread that answers: it reads, waits for nobody, and copies no log into the file. */
export function connectToRead(path: string): Database {
  const db = keepFewPages(openFile({ path, busyTimeoutMs: 50 }, { readonly: true, fileMustExist: true }))
  db.pragma('trusted_schema = off')
  db.pragma('wal_autocheckpoint = 0')
  return db
}

/** Before anything is made beside it. What else is wrong with the file is found when it is opened. */
export function refuseForeignFile(path: string): void {
  if (path === ':memory:' || !existsSync(path)) return
  refuseFolder(path)
  let db: Database
  try {
    db = new SqliteDatabase(path, { readonly: true, fileMustExist: true, timeout: 0 })
  } catch {
    return
  }
  try {
    refuseForeign(db)
  } catch (error) {
    if (error instanceof StoreError && error.code === 'STORE_FOREIGN') throw error
  } finally {
    db.close()
  }
}

/** For readers beside the miner: changes nothing, not even the schema. `lastMigration` is the newest that they need. */
export function openDatabaseToRead(options: ConnectOptions & { readonly lastMigration: number }): Database {
  const { path, lastMigration } = options
  if (!existsSync(path)) throw new StoreError('STORE_MISSING', `There is no database ${path}.`)
  const db = openFile(options, { readonly: true, fileMustExist: true })
  try {
    db.pragma('trusted_schema = off')
    refuseForeign(db)
    if (!hasHistory(db) || !readApplied(db).has(lastMigration)) {
      throw new StoreError('STORE_MISSING', `${path} was last written by an older release.`)
    }
    return db
  } catch (error) {
    db.close()
    if (error instanceof StoreError) throw error
    throw unusable(path, error)
  }
}

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type SqliteDatabase from 'better-sqlite3'
import { StoreError } from '#core/base/errors/app-error'
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
  unusable,
} from './migrated-file.ts'

export type Database = SqliteDatabase.Database

export type OpenDatabaseOptions = Omit<MigratedFileOptions, 'steps' | 'beforeUpgrade'>

const governanceMoved = 100

/** Opens the miner's main file, upgrades its schema and returns it. The caller closes it. */
export function openDatabase(options: OpenDatabaseOptions): Database {
  return openMigratedFile({
    ...options,
    steps: new Map([[governanceMoved, (db: Database) => moveGovernance(db, governanceFile(options))]]),
  })
}

/** Ledger, evidence and first start. The main file must be opened first; it hands them over once. */
export function openGovernanceDatabase(options: OpenDatabaseOptions): Database {
  return openMigratedFile(governanceFile(options))
}

function governanceFile({ path, migrationsDir, ...rest }: OpenDatabaseOptions): MigratedFileOptions {
  return { ...rest, path: governancePathOf(path), migrationsDir: join(migrationsDir, 'governance') }
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

/** For readers beside the miner: changes nothing, not even the schema. `lastMigration` is the newest that they need. */
export function openDatabaseToRead(options: ConnectOptions & { readonly lastMigration: number }): Database {
  const { path, lastMigration } = options
  if (!existsSync(path)) throw new StoreError('STORE_MISSING', `There is no database ${path}.`)
  const db = openFile(options, { readonly: true, fileMustExist: true })
  try {
    db.pragma('trusted_schema = off')
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

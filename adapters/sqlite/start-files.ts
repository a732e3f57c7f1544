import { existsSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { messageOf } from '#core/base/errors/message-of'
import { type Database, openDatabase } from './database.ts'
import { readMigrations } from './migrated-file.ts'
import { type OpenSoundOptions, openSoundDatabase } from './sound-database.ts'
import { governanceInMemory, openSoundGovernance, type SoundGovernance } from './sound-governance.ts'

export interface StartFiles {
  readonly main: Database
  readonly governance: SoundGovernance
  /** Why both are in memory; undefined when they are the files. */
  readonly substituteFor: string | undefined
}

/** What a miner reads before it can answer well. Predictions stay where they are. */
const tablesToStart = [
  ...['minute_series', 'minute_days', 'minute_ranges', 'volatility_states', 'metagraphs', 'metagraph_neurons'],
  'tuner_runs',
]
/** Less than what SQLite needs to open a file with a log. */
const leastFreeBytes = 100_000

/**
 * The miner's files at its start. On a disk without any room SQLite can open none of them: then both are in memory, with
 * what can be read of the files, until the thread that writes can open them. A miner that does not start answers nobody.
 */
export function openStartFiles(options: OpenSoundOptions): StartFiles {
  let main: Database | undefined
  try {
    main = openSoundDatabase(options)
    return { main, governance: openSoundGovernance(options), substituteFor: undefined }
  } catch (error) {
    main?.close()
    if (!isFull(dirname(options.path))) throw error
    const { log, path } = options
    const reason = messageOf(error)
    log.error({ event: 'database.disk_full', path, reason }, 'The disk is full; the miner starts from memory')
    return { main: mainInMemory(options), governance: governanceInMemory(options), substituteFor: reason }
  }
}

function isFull(folder: string): boolean {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize < leastFreeBytes
}

function mainInMemory(options: OpenSoundOptions): Database {
  const db = openDatabase({ ...options, path: ':memory:' })
  if (existsSync(options.path)) copyTables(db, options)
  return db
}

/** As far as it can be read: a file of an older release, or a damaged one, is read when there is room again. */
function copyTables(db: Database, { path, migrationsDir, log }: OpenSoundOptions): void {
  // Without it SQLite keeps the index of the log in a file, for which there is no room.
  db.pragma('locking_mode = exclusive')
  try {
    db.prepare('attach ? as disk').run(path)
    // A file that was made on the full disk is empty.
    if (db.prepare('select 1 from disk.sqlite_schema').get() === undefined) return
    const known = db.prepare<[], number>('select version from disk.schema_migrations').pluck().all()
    if (!readMigrations(migrationsDir).every(({ version }) => known.includes(version))) return
    db.transaction(() => {
      for (const table of tablesToStart) db.exec(`insert into main.${table} select * from disk.${table}`)
    })()
  } catch (err) {
    if (!(err instanceof SqliteDatabase.SqliteError)) throw err
    log.warn({ event: 'database.not_read', path, err }, 'The database could not be read either; nothing of it is known')
  } finally {
    // Unlocks it; does nothing where it was not attached.
    if (db.prepare("select 1 from pragma_database_list where name = 'disk'").get() !== undefined) db.exec('detach disk')
  }
}

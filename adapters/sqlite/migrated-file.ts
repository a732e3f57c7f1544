import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { StoreError } from '#core/base/errors/app-error'
import { messageOf } from '#core/base/errors/message-of'
import type { Clock } from '#core/base/time/clock'
import { formerMigrations } from './former-migrations.ts'

export interface MigratedFileOptions {
  readonly path: string
  readonly migrationsDir: string
  readonly clock: Clock
  readonly busyTimeoutMs?: number
  /**
   * What a migration needs beyond SQL, by its number: it runs in the migration's transaction, before its text. A throw
   * undoes both.
   */
  readonly steps?: ReadonlyMap<number, (db: Database) => void>
  /** Leaves the schema as the release had it whose newest migration this is. */
  readonly lastMigration?: number
  /** Before the first migration of a file that has been in use, with the number of that migration. */
  readonly beforeUpgrade?: (db: Database, version: number) => void
}

export interface ConnectOptions {
  readonly path: string
  readonly busyTimeoutMs?: number
}

type Database = SqliteDatabase.Database

interface Migration {
  readonly version: number
  readonly name: string
  readonly sql: string
  readonly sha256: string
}

/** Opens the file, upgrades its schema and returns it. The caller closes it. */
export function openMigratedFile(options: MigratedFileOptions): Database {
  const db = openFile(options)
  try {
    refuseForeign(db)
    configure(db)
    migrate(db, options)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

export function openFile({ path, busyTimeoutMs = 2_000 }: ConnectOptions, mode: SqliteDatabase.Options = {}): Database {
  refuseFolder(path)
  try {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true })
    return new SqliteDatabase(path, { ...mode, timeout: busyTimeoutMs })
  } catch (cause) {
    throw new StoreError('STORE_OPEN_FAILED', `${path} cannot be opened: ${messageOf(cause)}.`, { cause })
  }
}

/** SQLite only says that it cannot open it. */
export function refuseFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return
  throw new StoreError('STORE_MISSING', `${path} is a folder, not a database.`, {
    hint: 'Set db.path to the file in it, or to another name.',
  })
}

export function configure(db: Database): void {
  try {
    // Only a new file takes it: it gets smaller while it is in use, see unused-pages.ts. On another one it needs the lock
    // of a writer and changes the header.
    if (db.pragma('page_count', { simple: true }) === 0) db.pragma('auto_vacuum = incremental')
    db.pragma('journal_mode = wal')
    // full: each commit is on disk before we answer, because the journal must contain what we served.
    db.pragma('synchronous = full')
    db.pragma('foreign_keys = on')
    // After a reader that held it for long, the log goes back to this size.
    db.pragma('journal_size_limit = 4000000')
    db.pragma('trusted_schema = off')
  } catch (cause) {
    throw unusable(db.name, cause)
  }
}

export function unusable(path: string, cause: unknown): StoreError {
  const code = isDamage(cause) ? 'STORE_CORRUPT' : 'STORE_OPEN_FAILED'
  return new StoreError(code, `${path} cannot be used: ${messageOf(cause)}.`, { cause })
}

/**
 * SQLite's answers for bytes that are not an intact database, in contrast to one that is locked, read-only or out of
 * space.
 */
export function isDamage(error: unknown): boolean {
  return error instanceof SqliteDatabase.SqliteError && /^SQLITE_(CORRUPT|NOTADB)/.test(error.code)
}

/** Tables, but none that lists our migrations: of another program, or one of ours that is damaged. */
export function isForeign(db: Database): boolean {
  return tablesOf(db).length > 0 && !hasHistory(db)
}

const ownTables: ReadonlySet<string> = new Set(['schema_migrations', 'predictions', 'minute_series', 'ledger'])

/** Nothing in it was ever ours. */
export function isOfAnotherProgram(db: Database): boolean {
  return isForeign(db) && !tablesOf(db).some((name) => ownTables.has(name))
}

function tablesOf(db: Database): readonly string[] {
  const tables = "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'"
  return db.prepare<[], string>(tables).pluck().all()
}

export function hasHistory(db: Database): boolean {
  const columns = db.prepare<[], string>("select name from pragma_table_info('schema_migrations')").pluck().all()
  return columns.includes('version') && columns.includes('sha256')
}

/** Before anything is changed in it. */
export function refuseForeign(db: Database): void {
  let [isOther, isDamaged] = [false, false]
  try {
    isOther = isOfAnotherProgram(db)
    isDamaged = isForeign(db)
  } catch (cause) {
    throw unusable(db.name, cause)
  }
  if (isOther) throw new StoreError('STORE_FOREIGN', `${db.name} is the database of another program.`)
  if (isDamaged) throw new StoreError('STORE_CORRUPT', `${db.name} does not say which release has written it.`)
}

export function readMigrations(folder: string): Migration[] {
  const files = readdirSync(folder)
    .filter((file) => /^\d{4}_[a-z0-9_]+[.]sql$/.test(file))
    .sort()
  // The second one would never run.
  const twice = files.find((file, i) => file.slice(0, 4) === files[i + 1]?.slice(0, 4))
  if (twice !== undefined) throw new Error(`two migrations have the number of ${twice}`)
  return files.map((file) => {
    const sql = readFileSync(join(folder, file), 'utf8')
    return {
      version: Number(file.slice(0, 4)),
      name: file.slice(5, -4),
      sql,
      sha256: createHash('sha256').update(sql).digest('hex'),
    }
  })
}

function migrate(db: Database, options: MigratedFileOptions): void {
  const migrations = readMigrations(options.migrationsDir)
  let applied: ReturnType<typeof readApplied>
  try {
    applied = prepareHistory(db)
  } catch (cause) {
    throw unusable(db.name, cause)
  }
  const known = new Map(migrations.map((migration) => [migration.version, migration]))
  for (const [version, row] of applied) {
    const migration = known.get(version)
    if (migration === undefined) {
      throw new StoreError(
        'STORE_NEWER',
        `${db.name} holds migration ${version} (${row.name}), which this release does not know.`,
      )
    }
    if (migration.sha256 !== row.sha256 && formerMigrations.get(version) !== row.sha256) {
      throw new StoreError(
        'STORE_MIGRATION_CHANGED',
        `Migration ${version} (${row.name}) was applied to ${db.name} with another text.`,
      )
    }
  }
  const { lastMigration = Number.POSITIVE_INFINITY } = options
  const pending = migrations.filter(({ version }) => !applied.has(version) && version <= lastMigration)
  if (applied.size > 0 && pending[0] !== undefined) options.beforeUpgrade?.(db, pending[0].version)
  for (const migration of pending) apply(db, migration, options)
}

function prepareHistory(db: Database): ReturnType<typeof readApplied> {
  db.exec(`create table if not exists schema_migrations (
    version integer primary key,
    name text not null,
    sha256 text not null,
    applied_at_ms integer not null
  ) strict`)
  return readApplied(db)
}

export function readApplied(db: Database): Map<number, { name: string; sha256: string }> {
  const rows = db.prepare('select version, name, sha256 from schema_migrations').all() as {
    version: number
    name: string
    sha256: string
  }[]
  return new Map(rows.map((row) => [row.version, row]))
}

/** One transaction per migration: a kill in the middle leaves the previous schema. */
function apply(db: Database, migration: Migration, { clock, steps }: MigratedFileOptions): void {
  const run = db.transaction(() => {
    // Another process may have been faster between our check and the lock.
    if (readApplied(db).has(migration.version)) return
    steps?.get(migration.version)?.(db)
    db.exec(migration.sql)
    db.prepare('insert into schema_migrations (version, name, sha256, applied_at_ms) values (?, ?, ?, ?)').run(
      migration.version,
      migration.name,
      migration.sha256,
      clock.nowMs(),
    )
  })
  try {
    run.immediate()
  } catch (cause) {
    if (cause instanceof StoreError) throw cause
    if (isDamage(cause)) throw unusable(db.name, cause)
    throw new StoreError(
      'STORE_MIGRATION_FAILED',
      `Migration ${migration.version} (${migration.name}) failed on ${db.name}: ${messageOf(cause)}.`,
      { cause },
    )
  }
}

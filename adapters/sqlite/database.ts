import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { StoreError } from '#core/base/errors/app-error'
import type { Clock } from '#core/base/time/clock'

export type Database = SqliteDatabase.Database

export interface OpenDatabaseOptions {
  readonly path: string
  readonly migrationsDir: string
  readonly clock: Clock
  readonly busyTimeoutMs?: number
}

export interface ConnectOptions {
  readonly path: string
  readonly busyTimeoutMs?: number
}

interface Migration {
  readonly version: number
  readonly name: string
  readonly sql: string
  readonly sha256: string
}

/** Opens the file, brings its schema up to date and hands it out. The caller closes it. */
export function openDatabase(options: OpenDatabaseOptions): Database {
  const db = openFile(options)
  try {
    refuseForeign(db)
    configure(db)
    migrate(db, readMigrations(options.migrationsDir), options.clock)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** A further connection to a database that `openDatabase` has brought up to date, as a rule in a thread of its own. */
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

function openFile({ path, busyTimeoutMs = 2_000 }: ConnectOptions, mode: SqliteDatabase.Options = {}): Database {
  try {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true })
    return new SqliteDatabase(path, { ...mode, timeout: busyTimeoutMs })
  } catch (cause) {
    throw new StoreError('STORE_OPEN_FAILED', `${path} cannot be opened: ${messageOf(cause)}.`, { cause })
  }
}

function configure(db: Database): void {
  try {
    db.pragma('journal_mode = wal')
    // full: each commit is on the disk before we answer, since what we served is promised to be in the journal.
    db.pragma('synchronous = full')
    db.pragma('foreign_keys = on')
    db.pragma('trusted_schema = off')
  } catch (cause) {
    throw unusable(db.name, cause)
  }
}

function unusable(path: string, cause: unknown): StoreError {
  const code = isDamage(cause) ? 'STORE_CORRUPT' : 'STORE_OPEN_FAILED'
  return new StoreError(code, `${path} cannot be used: ${messageOf(cause)}.`, { cause })
}

/** What SQLite says of bytes that are no sound database, in contrast to one that is locked, read-only or out of space. */
export function isDamage(error: unknown): boolean {
  return error instanceof SqliteDatabase.SqliteError && /^SQLITE_(CORRUPT|NOTADB)/.test(error.code)
}

/** Tables, but none that says which of our migrations made them. */
export function isForeign(db: Database): boolean {
  const tables = db.prepare("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'").all()
  return tables.length > 0 && !hasHistory(db)
}

function hasHistory(db: Database): boolean {
  const columns = db.prepare<[], string>("select name from pragma_table_info('schema_migrations')").pluck().all()
  return columns.includes('version') && columns.includes('sha256')
}

/** Before anything is changed in it. */
function refuseForeign(db: Database): void {
  let isOther: boolean
  try {
    isOther = isForeign(db)
  } catch (cause) {
    throw unusable(db.name, cause)
  }
  if (isOther) throw new StoreError('STORE_CORRUPT', `${db.name} is the database of another program.`)
}

export function readMigrations(folder: string): Migration[] {
  return readdirSync(folder)
    .filter((file) => /^\d{4}_[a-z0-9_]+[.]sql$/.test(file))
    .sort()
    .map((file) => {
      const sql = readFileSync(join(folder, file), 'utf8')
      return {
        version: Number(file.slice(0, 4)),
        name: file.slice(5, -4),
        sql,
        sha256: createHash('sha256').update(sql).digest('hex'),
      }
    })
}

function migrate(db: Database, migrations: readonly Migration[], clock: Clock): void {
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
    if (migration.sha256 !== row.sha256) {
      throw new StoreError(
        'STORE_MIGRATION_CHANGED',
        `Migration ${version} (${row.name}) was applied to ${db.name} with another text.`,
      )
    }
  }
  for (const migration of migrations) if (!applied.has(migration.version)) apply(db, migration, clock)
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

function readApplied(db: Database): Map<number, { name: string; sha256: string }> {
  const rows = db.prepare('select version, name, sha256 from schema_migrations').all() as {
    version: number
    name: string
    sha256: string
  }[]
  return new Map(rows.map((row) => [row.version, row]))
}

/** One transaction a migration: a kill in the middle leaves the schema of before. */
function apply(db: Database, migration: Migration, clock: Clock): void {
  const run = db.transaction(() => {
    // Another process may have been faster between our look and the lock.
    if (readApplied(db).has(migration.version)) return
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
    if (isDamage(cause)) throw unusable(db.name, cause)
    throw new StoreError(
      'STORE_MIGRATION_FAILED',
      `Migration ${migration.version} (${migration.name}) failed on ${db.name}: ${messageOf(cause)}.`,
      { cause },
    )
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

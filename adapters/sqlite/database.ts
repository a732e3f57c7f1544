import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { StoreError } from '#core/errors/app-error'
import type { Clock } from '#core/time/clock'

export type Database = SqliteDatabase.Database

export interface OpenDatabaseOptions {
  readonly path: string
  readonly migrationsDir: string
  readonly clock: Clock
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
    configure(db, options.busyTimeoutMs ?? 2_000)
    migrate(db, readMigrations(options.migrationsDir), options.clock)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

function openFile(options: OpenDatabaseOptions): Database {
  try {
    if (options.path !== ':memory:') mkdirSync(dirname(options.path), { recursive: true })
    return new SqliteDatabase(options.path)
  } catch (cause) {
    throw new StoreError('STORE_OPEN_FAILED', `${options.path} cannot be opened: ${messageOf(cause)}.`, { cause })
  }
}

function configure(db: Database, busyTimeoutMs: number): void {
  try {
    db.pragma(`busy_timeout = ${busyTimeoutMs}`)
    db.pragma('journal_mode = wal')
    // full: each commit is on the disk before we answer, since what we served is promised to be in the journal.
    db.pragma('synchronous = full')
    db.pragma('foreign_keys = on')
    db.pragma('trusted_schema = off')
  } catch (cause) {
    throw new StoreError('STORE_OPEN_FAILED', `${db.name} cannot be used: ${messageOf(cause)}.`, { cause })
  }
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
  db.exec(`create table if not exists schema_migrations (
    version integer primary key,
    name text not null,
    sha256 text not null,
    applied_at_ms integer not null
  ) strict`)
  const applied = readApplied(db)
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

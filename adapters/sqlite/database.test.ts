import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { acquireProcessLock } from '#adapters/lock/process-lock'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { TestClock } from '#tests/support/test-clock'
import { WatchedLogger } from '#tests/support/watched-logger'
import { type OpenDatabaseOptions, openDatabase } from './database.ts'

function aFolder(files: Record<string, string>) {
  const folder = temporaryFolder()
  const migrationsDir = join(folder, 'migrations')
  mkdirSync(migrationsDir)
  const write = (more: Record<string, string>) => {
    for (const [name, sql] of Object.entries(more)) writeFileSync(join(migrationsDir, name), sql)
  }
  write(files)
  const open = (options: Pick<OpenDatabaseOptions, 'log' | 'holdsLock'> = {}) =>
    openDatabase({ path: join(folder, 'db.sqlite'), migrationsDir, clock: new TestClock(), ...options })
  return { write, open, folder }
}

const first = { '0001_first.sql': 'create table a (x integer not null) strict;' }

describe('openDatabase', () => {
  it('applies what is new, once, and keeps the rows', () => {
    const { write, open } = aFolder(first)
    let db = open()
    db.exec('insert into a values (1)')
    db.close()
    write({ '0002_second.sql': 'alter table a add column y integer;' })
    db = open()
    expect(db.prepare('select x, y from a').all()).toEqual([{ x: 1, y: null }])
    db.close()
  })
  it('promises durability and foreign keys', () => {
    const db = aFolder(first).open()
    expect([
      db.pragma('journal_mode', { simple: true }),
      db.pragma('synchronous', { simple: true }),
      db.pragma('foreign_keys', { simple: true }),
    ]).toEqual(['wal', 2, 1])
    db.close()
  })
  it('leaves the previous schema when a migration fails half-way', () => {
    const { write, open } = aFolder(first)
    open().close()
    write({ '0002_bad.sql': 'create table b (x integer) strict; create table a (x integer) strict;' })
    expect(() => open()).toThrow(/Migration 2 [(]bad[)] failed/)
    write({ '0002_bad.sql': 'create table c (x integer) strict;' })
    const db = open()
    expect(db.prepare("select name from sqlite_schema where name in ('b', 'c')").pluck().all()).toEqual(['c'])
    db.close()
  })
  it('refuses two migrations of one number, of which only one would ever run', () => {
    const { open } = aFolder({ ...first, '0001_other.sql': 'create table b (x integer) strict;' })
    expect(() => open()).toThrow(/two migrations have the number of 0001_first/)
  })
  it('copies what it upgrades, keeps the last two copies, and says the way back', () => {
    const { write, open, folder } = aFolder(first)
    open().close()
    const copies = () => readdirSync(folder).filter((name) => name.includes('before'))
    expect(copies()).toEqual([])
    for (const version of [2, 3, 4]) {
      write({ [`000${version}_more.sql`]: `alter table a add column c${version} integer;` })
      const log = new WatchedLogger()
      open({ log }).close()
      expect(log.entries[0]).toMatchObject({ event: 'database.copied_before_upgrade', migration: version })
      utimesSync(join(folder, `db.sqlite.before-000${version}`), version, version)
    }
    expect(copies().sort()).toEqual(['db.sqlite.before-0003', 'db.sqlite.before-0004'])
    const older = new SqliteDatabase(join(folder, 'db.sqlite.before-0004'), { readonly: true })
    expect(older.prepare("select name from pragma_table_info('a')").pluck().all()).toEqual(['x', 'c2', 'c3'])
    older.close()
  })
  it('continues without a copy that cannot be written, and reports it', () => {
    const { write, open, folder } = aFolder(first)
    open().close()
    write({ '0002_more.sql': 'alter table a add column y integer;' })
    mkdirSync(join(folder, 'db.sqlite.before-0002', 'taken'), { recursive: true })
    const log = new WatchedLogger()
    open({ log }).close()
    expect(log.entries[0]).toMatchObject({ event: 'database.not_copied', level: 'warn', migration: 2 })
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([])
  })
  it('leaves the schema alone while a miner runs that did not upgrade it', () => {
    const { write, open, folder } = aFolder(first)
    open().close()
    write({ '0002_more.sql': 'alter table a add column y integer;' })
    const lock = acquireProcessLock(join(folder, 'db.sqlite'), 1)
    expect(() => open()).toThrow(expect.objectContaining({ code: 'STORE_IN_USE_BY_OLDER', exitCode: 75 }) as Error)
    const db = open({ holdsLock: true })
    expect(db.prepare("select name from pragma_table_info('a')").pluck().all()).toEqual(['x', 'y'])
    db.close()
    void lock.stop()
    open().close()
  })
  it('refuses a database of a newer release and a migration that was edited after use', () => {
    const { write, open } = aFolder({ ...first, '0002_second.sql': 'select 1;' })
    open().close()
    write({ '0002_second.sql': 'select 2;' })
    expect(() => open()).toThrow(/was applied to .* with another text/)
    const older = aFolder(first)
    const db = older.open()
    db.exec("insert into schema_migrations values (9, 'future', 'x', 0)")
    db.close()
    expect(() => older.open()).toThrow(/holds migration 9 [(]future[)]/)
  })
  it('says so when the file is not a database', () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'db.sqlite'), 'this is a letter to my aunt, not a database; '.repeat(50))
    expect(() =>
      openDatabase({ path: join(folder, 'db.sqlite'), migrationsDir: folder, clock: new TestClock() }),
    ).toThrow(/cannot be used: file is not a database/)
  })
})

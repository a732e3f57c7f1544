import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { TestClock } from '#tests/support/test-clock'
import { openDatabase } from './database.ts'

function aFolder(files: Record<string, string>) {
  const folder = temporaryFolder()
  const migrationsDir = join(folder, 'migrations')
  mkdirSync(migrationsDir)
  const write = (more: Record<string, string>) => {
    for (const [name, sql] of Object.entries(more)) writeFileSync(join(migrationsDir, name), sql)
  }
  write(files)
  return { write, open: () => openDatabase({ path: join(folder, 'db.sqlite'), migrationsDir, clock: new TestClock() }) }
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
    expect(open).toThrow(/Migration 2 [(]bad[)] failed/)
    write({ '0002_bad.sql': 'create table c (x integer) strict;' })
    const db = open()
    expect(db.prepare("select name from sqlite_schema where name in ('b', 'c')").pluck().all()).toEqual(['c'])
    db.close()
  })
  it('refuses a database of a newer release and a migration that was edited after use', () => {
    const { write, open } = aFolder({ ...first, '0002_second.sql': 'select 1;' })
    open().close()
    write({ '0002_second.sql': 'select 2;' })
    expect(open).toThrow(/was applied to .* with another text/)
    const older = aFolder(first)
    const db = older.open()
    db.exec("insert into schema_migrations values (9, 'future', 'x', 0)")
    db.close()
    expect(older.open).toThrow(/holds migration 9 [(]future[)]/)
  })
  it('says so when the file is not a database', () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'db.sqlite'), 'this is a letter to my aunt, not a database; '.repeat(50))
    expect(() =>
      openDatabase({ path: join(folder, 'db.sqlite'), migrationsDir: folder, clock: new TestClock() }),
    ).toThrow(/cannot be used: file is not a database/)
  })
})

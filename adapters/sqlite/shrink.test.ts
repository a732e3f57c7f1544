import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { expect, it } from 'vitest'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { shrink } from './shrink.ts'
import { unusedPages } from './unused-pages.ts'

/** As an older release left it: most of it unused, and it never gets smaller by itself. */
function anOldFile(): string {
  const path = join(temporaryFolder(), 'old.sqlite')
  const db = new SqliteDatabase(path)
  db.pragma('journal_mode = wal')
  db.exec('create table schema_migrations (version, name, sha256, applied_at_ms); create table prices (id, value)')
  const insert = db.prepare('insert into prices values (?, randomblob(100000))')
  for (let id = 0; id < 40; id += 1) insert.run(id)
  db.exec('delete from prices where id >= 4')
  db.close()
  return path
}

function look<T>(path: string, read: (db: SqliteDatabase.Database) => T): T {
  const db = new SqliteDatabase(path, { readonly: true })
  try {
    return read(db)
  } finally {
    db.close()
  }
}

const rows = (path: string) => look(path, (db) => db.prepare('select id, hex(value) from prices').raw().all())

it('gives the unused space back, keeps every row, and lets the file shrink by itself from then on', () => {
  const path = anOldFile()
  const before = rows(path)
  expect(look(path, unusedPages).canShrink).toBe(false)
  const { sizeBytesBefore, sizeBytes } = shrink(path)
  expect(sizeBytesBefore).toBeGreaterThan(4_000_000)
  expect(sizeBytes).toBeLessThan(600_000)
  expect(statSync(path).size).toBe(sizeBytes)
  expect(rows(path)).toEqual(before)
  expect(look(path, unusedPages)).toEqual({ bytes: 0, canShrink: true })
})

it('changes nothing while another program writes, and nothing in a file of another program', () => {
  const path = anOldFile()
  const before = readFileSync(path)
  const other = new SqliteDatabase(path)
  other.exec('begin immediate')
  expect(() => shrink(path, { busyTimeoutMs: 0 })).toThrow(/is as it was/)
  other.exec('rollback')
  other.close()
  expect(readFileSync(path).equals(before)).toBe(true)
  const foreign = join(temporaryFolder(), 'foreign.sqlite')
  new SqliteDatabase(foreign).exec('create table recipes (id)').close()
  const own = readFileSync(foreign)
  expect(() => shrink(foreign)).toThrow(/another program/)
  expect(readFileSync(foreign).equals(own)).toBe(true)
})

it('refuses where the new content would not fit, before it writes anything', () => {
  const path = anOldFile()
  const before = readFileSync(path)
  expect(() => shrink(path, { freeBytes: () => 1_000_000 })).toThrow(/are free[.] Nothing was changed/)
  expect(readFileSync(path).equals(before)).toBe(true)
})

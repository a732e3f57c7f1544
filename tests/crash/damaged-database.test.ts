import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { openDatabase } from '#adapters/sqlite/database'
import { suspectDamage } from '#adapters/sqlite/find-damage'
import { SqlitePredictionStore } from '#adapters/sqlite/prediction-store'
import { preparePrices } from '#adapters/sqlite/prices-blob'
import { openSoundDatabase } from '#adapters/sqlite/sound-database'
import { AppError } from '#core/base/errors/app-error'
import { SplitMix64 } from '#core/base/random/rng'
import { predictionId } from '#core/forecast/journal/prediction-id'
import { runsLong } from '#tests/support/long-tests'
import { aServed } from '#tests/support/served-prediction'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { TestClock } from '#tests/support/test-clock'
import { WatchedLogger } from '#tests/support/watched-logger'

const cases = runsLong ? 200 : 60
const seed = BigInt(process.env['VOLCAST_TEST_SEED'] ?? 23)
const migrationsDir = join(import.meta.dirname, '..', '..', 'migrations')
const clock = new TestClock()

/** A database with a few predictions in it, and its bytes. */
function aDatabase(): { readonly path: string; readonly bytes: Buffer } {
  const path = join(temporaryFolder(), 'miner.sqlite')
  const store = new SqlitePredictionStore(openDatabase({ path, migrationsDir, clock }), clock)
  const batch = Array.from({ length: 30 }, (_, i) => {
    const { served, outputJson } = aServed({ seed: BigInt(i) })
    const preparation = preparePrices(outputJson, served.outputHash)
    if (!preparation.ok) throw new Error(preparation.reason)
    const record = { ...served, id: predictionId(served.prompt, served.outputHash), reason: 'all' as const }
    return { record, prices: preparation.prices }
  })
  store.write(batch, 0)
  store.close()
  return { path, bytes: readFileSync(path) }
}

function open(path: string) {
  const log = new WatchedLogger()
  const db = openSoundDatabase({ path, migrationsDir, clock, log })
  const count = db.prepare('select count(*) from predictions').pluck().get() as number
  const integrity = db.pragma('integrity_check', { simple: true })
  const store = new SqlitePredictionStore(db, clock)
  const { served } = aServed()
  const record = { ...served, id: 'a new one', reason: 'all' as const }
  const written = store.write([{ record, prices: undefined }], 0)
  store.close()
  return { log, count, integrity, isWritable: written.ok }
}

function otherProgramsDatabase(): Buffer {
  const path = join(temporaryFolder(), 'other.sqlite')
  const db = new SqliteDatabase(path)
  db.exec("create table bookmarks (url text); insert into bookmarks values ('https://example.org')")
  db.close()
  return readFileSync(path)
}

const kinds = ['header', 'page', 'cut', 'zeros', 'otherFile', 'flippedPageHead'] as const

function damage(kind: (typeof kinds)[number], bytes: Buffer, rng: SplitMix64): Buffer {
  const noise = (length: number) => Buffer.from(Array.from({ length }, () => Math.floor(rng.next() * 256)))
  const pageCount = bytes.length / 4_096
  const page = 1 + Math.floor(rng.next() * (pageCount - 1))
  const copy = Buffer.from(bytes)
  switch (kind) {
    case 'header':
      noise(100).copy(copy, 0)
      return copy
    case 'page':
      noise(4_096).copy(copy, page * 4_096)
      return copy
    case 'cut':
      return copy.subarray(0, 1 + Math.floor(rng.next() * (copy.length - 1)))
    case 'zeros':
      return Buffer.alloc(Math.max(1, Math.floor(rng.next() * copy.length)))
    case 'otherFile':
      return noise(Math.floor(rng.next() * 100_000) + 1)
    case 'flippedPageHead':
      noise(8).copy(copy, page * 4_096)
      return copy
  }
}

it(`starts on each of ${cases} damaged files, moves it aside byte for byte and saves what can be read (seed ${seed})`, {
  timeout: 60_000 + cases * 1_000,
}, () => {
  const { path, bytes } = aDatabase()
  const rng = new SplitMix64(seed)
  const found: Record<string, number> = {}
  const saved: number[] = []
  for (let i = 0; i < cases; i += 1) {
    for (const name of readdirSync(join(path, '..'))) rmSync(join(path, '..', name))
    const kind = kinds[i % kinds.length]!
    const damaged = damage(kind, bytes, rng)
    writeFileSync(path, damaged)
    const { log, count, integrity, isWritable } = open(path)
    expect([integrity, isWritable]).toEqual(['ok', true])
    const entry = log.entries[0]
    if (entry === undefined) {
      // Noise in the middle of stored prices leaves the database sound; reading those prices finds it.
      expect([kind === 'page' || kind === 'flippedPageHead', count]).toEqual([true, 30])
      continue
    }
    found[kind] = (found[kind] ?? 0) + 1
    expect(entry).toMatchObject({ event: 'database.store_corrupt', level: 'error' })
    const movedTo = entry['movedTo'] as string
    expect(movedTo).toMatch(/miner[.]sqlite[.]corrupt-20260922T120000Z$/)
    expect(readFileSync(movedTo).equals(damaged)).toBe(true)
    // In another file there is nothing of ours; else what is sound is in the new file. A header is written anew.
    if (kind === 'header') expect([count, entry['lost']]).toEqual([30, 'none'])
    else if (kind === 'page' || kind === 'flippedPageHead') saved.push(count)
    else if (kind !== 'cut') expect([count, entry['lost']]).toEqual([0, 'everything'])
  }
  // One page of many costs its own rows. Only the page with the schema takes all along.
  expect(saved.filter((count) => count >= 20).length).toBeGreaterThan(saved.length / 2)
  for (const kind of kinds) expect(found[kind]).toBeGreaterThan(0)
  for (const kind of ['header', 'cut', 'zeros', 'otherFile']) {
    expect(found[kind]).toBe(
      Array.from({ length: cases }, (_, i) => kinds[i % kinds.length]).filter((k) => k === kind).length,
    )
  }
})

// A wrong db.path: to move somebody's file aside would be a loss, while a damaged one of ours is still of use.
it('does not start on the database of another program, and leaves it as it is', () => {
  const path = join(temporaryFolder(), 'miner.sqlite')
  const bytes = otherProgramsDatabase()
  writeFileSync(path, bytes)
  expect(() => open(path)).toThrow(expect.objectContaining({ code: 'STORE_FOREIGN' }))
  expect(readFileSync(path).equals(bytes)).toBe(true)
  expect(readdirSync(join(path, '..'))).toEqual(['miner.sqlite'])
})

it('takes a database whose list of migrations is gone for a damaged one of ours', () => {
  const { path } = aDatabase()
  const db = new SqliteDatabase(path)
  db.exec('drop table schema_migrations')
  db.close()
  expect(open(path).log.entries[0]).toMatchObject({ event: 'database.store_corrupt' })
})

describe('a damaged file', () => {
  it('takes its log along, and does not overwrite an earlier one', () => {
    const { path } = aDatabase()
    for (const text of ['first', 'second']) {
      for (const ending of ['', '-wal', '-shm']) if (existsSync(path + ending)) rmSync(path + ending)
      writeFileSync(path, `${text} file`)
      writeFileSync(`${path}-wal`, `${text} log`)
      open(path)
    }
    const aside = `${path}.corrupt-20260922T120000Z`
    const texts = [aside, `${aside}-wal`, `${aside}-2`, `${aside}-2-wal`].map((file) => readFileSync(file, 'utf8'))
    expect(texts).toEqual(['first file', 'first log', 'second file', 'second log'])
  })
  it('is one that lost everything but its log', () => {
    const { path } = aDatabase()
    writeFileSync(path, '')
    writeFileSync(`${path}-wal`, 'what was committed')
    open(path)
    expect(readFileSync(`${path}.corrupt-20260922T120000Z-wal`, 'utf8')).toBe('what was committed')
  })
  it('is looked through whole once something in it could not be read', () => {
    const { path } = aDatabase()
    suspectDamage(path)
    expect(open(path).log.events()).toEqual([])
    expect(readdirSync(join(path, '..')).filter((name) => name.endsWith('.suspect'))).toEqual([])
  })
})

describe('left where it is', () => {
  const codeOf = (start: () => unknown): string => {
    try {
      start()
      return 'started'
    } catch (error) {
      return error instanceof AppError ? error.code : String(error)
    }
  }
  const onlyFile = (path: string) => readdirSync(join(path, '..')).filter((name) => name.includes('corrupt'))

  it('is a database of a newer release', () => {
    const { path } = aDatabase()
    const db = new SqliteDatabase(path)
    db.exec("insert into schema_migrations values (9999, 'future', 'x', 0)")
    db.close()
    expect([codeOf(() => open(path)), onlyFile(path)]).toEqual(['STORE_NEWER', []])
  })
  it('is one that another process has locked', () => {
    const { path } = aDatabase()
    const other = new SqliteDatabase(path)
    other.pragma('locking_mode = exclusive')
    other.exec('begin exclusive')
    const start = () => openSoundDatabase({ path, migrationsDir, clock, log: new WatchedLogger(), busyTimeoutMs: 10 })
    expect([codeOf(start), onlyFile(path)]).toEqual(['STORE_OPEN_FAILED', []])
    other.close()
  })
  it('is an empty file, which becomes a database', () => {
    const path = join(temporaryFolder(), 'miner.sqlite')
    writeFileSync(path, '')
    expect([open(path).count, onlyFile(path)]).toEqual([0, []])
  })
  it('is a damaged file when somebody else than the miner opens it', () => {
    const { path } = aDatabase()
    writeFileSync(path, otherProgramsDatabase())
    const before = readFileSync(path)
    expect([codeOf(() => openDatabase({ path, migrationsDir, clock })), onlyFile(path)]).toEqual(['STORE_FOREIGN', []])
    expect(readFileSync(path).equals(before)).toBe(true)
    writeFileSync(path, 'a letter')
    expect([codeOf(() => openDatabase({ path, migrationsDir, clock })), onlyFile(path)]).toEqual(['STORE_CORRUPT', []])
  })
})

describe('one damaged page', () => {
  /** 1,000 minutes of days, with more tables beside them, and which pages hold rows of `minute_days`. */
  const aFilled = () => {
    const path = join(temporaryFolder(), 'miner.sqlite')
    const db = openDatabase({ path, migrationsDir, clock })
    db.exec(`insert into minute_series values (1, 'BTC', 'v', 's')`)
    const insertDay = db.prepare('insert into minute_days values (1, ?, ?)')
    const insertField = db.prepare(`insert into field_windows values ('BTC', 60, ?, ?, 0, 0)`)
    db.transaction(() => {
      for (let day = 0; day < 300; day += 1) insertDay.run(day, Buffer.alloc(11_520, day % 251))
      for (let at = 0; at < 3_000; at += 1) insertField.run(at, at + 1)
    })()
    const pages = db.prepare<[string], number>(
      'select pageno from dbstat where name = ? and pagetype = ? order by pageno',
    )
    const leaves = (table: string) => pages.pluck().all(...([table, 'leaf'] as unknown as [string]))
    const found = { days: leaves('minute_days'), windows: leaves('field_windows') }
    db.pragma('wal_checkpoint(truncate)')
    db.close()
    return { path, found, bytes: readFileSync(path) }
  }
  const start = (path: string) => {
    const log = new WatchedLogger()
    const sentences: string[] = []
    const db = openSoundDatabase({ path, migrationsDir, clock, log, onDamage: (text) => void sentences.push(text) })
    const count = (table: string) => db.prepare<[], number>(`select count(*) from ${table}`).pluck().get()!
    const counts = { days: count('minute_days'), windows: count('field_windows') }
    const intact = db.prepare<[], { day: number; slots: Buffer }>('select day, slots from minute_days').all()
    for (const { day, slots } of intact) expect(slots.equals(Buffer.alloc(11_520, day % 251))).toBe(true)
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
    db.close()
    return { counts, log, sentences }
  }
  it('costs its own rows, and log and health say how many of which table', () => {
    const { path, found, bytes } = aFilled()
    const damaged = Buffer.from(bytes)
    const page = found.days[Math.floor(found.days.length / 2)]!
    damaged.fill(0xa5, (page - 1) * 4096, (page - 1) * 4096 + 100)
    writeFileSync(path, damaged)
    const { counts, log, sentences } = start(path)
    const lost = 300 - counts.days
    expect(lost).toBeGreaterThan(0)
    expect(lost).toBeLessThan(20)
    expect(counts.windows).toBe(3_000)
    expect(log.entries[0]).toMatchObject({ event: 'database.store_corrupt', lost: `minute_days ${lost}` })
    expect(sentences[0]).toMatch(`The database was damaged. Lost rows: minute_days ${lost}.`)
    expect(readFileSync(log.entries[0]!['movedTo'] as string).equals(damaged)).toBe(true)
    expect(start(path).log.events()).toEqual([])
  })
  it('of a table without numbers costs what neither direction reaches', () => {
    const { path, found, bytes } = aFilled()
    const damaged = Buffer.from(bytes)
    const page = found.windows[Math.floor(found.windows.length / 2)]!
    damaged.fill(0xa5, (page - 1) * 4096, (page - 1) * 4096 + 100)
    writeFileSync(path, damaged)
    const { counts } = start(path)
    expect(counts.days).toBe(300)
    expect(counts.windows).toBeGreaterThan(2_600)
    expect(counts.windows).toBeLessThan(3_000)
  })
  it('is mended by the next start when the first was killed between the files', () => {
    const { path, bytes } = aFilled()
    // As a kill leaves it: the new file is complete, and the damaged one still in its place.
    writeFileSync(`${path}.rebuilt`, bytes)
    writeFileSync(path, bytes.subarray(0, 10_000))
    expect(start(path).counts).toEqual({ days: 300, windows: 3_000 })
  })
})

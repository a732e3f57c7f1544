import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Database, openDatabase } from '#adapters/sqlite/database'
import { governanceCopyPathOf, governancePathOf } from '#adapters/sqlite/governance-path'
import { SqliteGovernanceStore } from '#adapters/sqlite/governance-store'
import { SqliteLedgerStore } from '#adapters/sqlite/ledger-store'
import { openGovernance, openSoundGovernance } from '#adapters/sqlite/sound-governance'
import { SplitMix64 } from '#core/base/random/rng'
import { dumpGovernance, fillGovernance, firstStartMs, proposed, reverted } from '#tests/support/old-governance'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { TestClock } from '#tests/support/test-clock'
import { WatchedLogger } from '#tests/support/watched-logger'

const migrationsDir = join(import.meta.dirname, '..', '..', 'migrations')
const clock = new TestClock()

/** A miner that has stopped, with five entries in its ledger. */
function aMiner(options: { readonly withCopy: boolean }) {
  const path = join(temporaryFolder(), 'miner.sqlite')
  const start = () => {
    const log = new WatchedLogger()
    openDatabase({ path, migrationsDir, clock }).close()
    const { db, copy } = openSoundGovernance({ path, migrationsDir, clock, log })
    onTestFinished(() => void db.close())
    return { db, copy, log, store: new SqliteGovernanceStore(db, copy), ledger: new SqliteLedgerStore(db, copy) }
  }
  const { db, copy } = start()
  fillGovernance(db)
  if (options.withCopy) copy.sync(db)
  else rmSync(governanceCopyPathOf(path), { force: true })
  const before = dumpGovernance(db)
  db.pragma('wal_checkpoint(truncate)')
  db.close()
  const file = governancePathOf(path)
  return { path, file, copyFile: governanceCopyPathOf(path), before, start, bytes: readFileSync(file) }
}

const entriesOf = (db: Database) => db.prepare('select * from ledger order by id').all()
const asideOf = (file: string) =>
  readdirSync(join(file, '..')).filter(
    (name) => name.includes('governance.sqlite.corrupt') && !/-(wal|shm)$/.test(name),
  )

/** Somebody with a shell, or a flipped bit: the pages stay sound. */
function editRow(file: string, id: number): void {
  const db = new SqliteDatabase(file)
  db.exec('drop trigger ledger_is_never_updated')
  db.exec(`update ledger set body = replace(body, 'a test', 'A test') where id = ${id}`)
  db.pragma('wal_checkpoint(truncate)')
  db.close()
}

describe('a damaged governance file with its copy', () => {
  it.each([
    ['missing', (file: string) => rmSync(file)],
    ['zeros', (file: string, bytes: Buffer) => writeFileSync(file, Buffer.alloc(bytes.length))],
    ['another file', (file: string) => writeFileSync(file, 'a letter, not a database. '.repeat(400))],
    ['cut', (file: string, bytes: Buffer) => writeFileSync(file, bytes.subarray(0, bytes.length / 2))],
    ['changed from outside', (file: string) => editRow(file, 1)],
  ])('is rebuilt without loss: %s', (_, damage) => {
    const { file, bytes, before, start } = aMiner({ withCopy: true })
    damage(file, bytes)
    const damaged = existsSync(file) ? readFileSync(file) : undefined
    const { db, log, store, ledger } = start()
    const { governance_runs: _runs, ...rest } = before
    expect(dumpGovernance(db)).toMatchObject(rest)
    expect(log.entries[0]).toMatchObject({ event: 'governance.store_corrupt', level: 'error', lost: 'nothing' })
    expect(store.losses()).toEqual([])
    ledger.append(() => [reverted(3, 'BTC')])
    const aside = asideOf(file)
    expect(aside.map((name) => readFileSync(join(file, '..', name)))).toEqual(damaged === undefined ? [] : [damaged])
    db.close()
    const again = start()
    expect([again.log.events(), entriesOf(again.db).length]).toEqual([[], 6])
  })
  it('with noise on any page keeps every entry', () => {
    const { file, copyFile, bytes, before, start } = aMiner({ withCopy: true })
    const copied = readFileSync(copyFile)
    const rng = new SplitMix64(5n)
    for (let page = 0; page < bytes.length / 4096; page += 1) {
      const damaged = Buffer.from(bytes)
      for (let i = 0; i < 4096; i += 1) damaged[page * 4096 + i] = Math.floor(rng.next() * 256)
      for (const end of ['-wal', '-shm']) rmSync(file + end, { force: true })
      writeFileSync(file, damaged)
      writeFileSync(copyFile, copied)
      const { db, store } = start()
      expect(entriesOf(db)).toEqual(before['ledger'])
      expect([store.startedAtMs(), store.losses()]).toEqual([firstStartMs, []])
      db.close()
    }
  })
})

describe('a damaged governance file without a copy', () => {
  it('keeps the entries before the one that does not fit, and says which are lost until the operator has seen it', () => {
    const { file, start } = aMiner({ withCopy: false })
    editRow(file, 3)
    const { db, log, store, ledger } = start()
    expect(ledger.read().map(({ id }) => id)).toEqual([1, 2])
    const sentence = 'Of 5 entries of the ledger, those after entry 2 are lost; parameters are those of entry 2.'
    expect(log.entries[0]).toMatchObject({
      lost: sentence,
      entriesKept: 2,
      reason: expect.stringContaining('entry 3') as string,
    })
    expect([store.losses(), store.startedAtMs()]).toEqual([[{ atMs: clock.nowMs(), sentence }], firstStartMs])
    ledger.append(() => [proposed(2, 'ETH')])
    db.close()
    expect(start().store.losses()).toEqual([{ atMs: clock.nowMs(), sentence }])
  })
  it('reports when nothing can be read: the defaults never return silently', () => {
    const { file, bytes, start } = aMiner({ withCopy: false })
    writeFileSync(file, Buffer.alloc(bytes.length))
    const { store, ledger } = start()
    expect(ledger.read()).toEqual([])
    expect(store.losses()[0]?.sentence).toBe(
      'No entry of the ledger could be read, so all parameters are the defaults. The first start of the miner is lost: fourteen days before a first change count from now.',
    )
  })
})

describe('the copy of the ledger', () => {
  it('follows each entry, and survives a torn end', () => {
    const { copyFile, start } = aMiner({ withCopy: true })
    const { ledger, copy } = start()
    expect(copy.read().rows.ledger).toHaveLength(5)
    appendFileSync(copyFile, '{"table":"ledger","row":{"id":6')
    ledger.append(() => [reverted(3, 'BTC')])
    const { rows, damagedLines } = copy.read()
    expect([rows.ledger.length, damagedLines]).toEqual([6, 1])
    expect(copy.problem).toBeUndefined()
  })
  it('gives back what an older governance file lacks', () => {
    const { file, bytes, start } = aMiner({ withCopy: true })
    const first = start()
    first.ledger.append(() => [reverted(3, 'BTC')])
    const after = entriesOf(first.db)
    first.db.close()
    for (const end of ['-wal', '-shm']) rmSync(file + end, { force: true })
    writeFileSync(file, bytes)
    const { db, log } = start()
    expect(entriesOf(db)).toEqual(after)
    expect(log.entries[0]).toMatchObject({ event: 'governance.restored', added: 1 })
  })
  it('is set aside when the file went on from an older state', () => {
    const { copyFile, start } = aMiner({ withCopy: true })
    const other = aMiner({ withCopy: true })
    other.start().ledger.append(() => [proposed(4, 'XAU')])
    const { copy, ledger } = start()
    copyFileSync(other.copyFile, copyFile)
    ledger.append(() => [reverted(3, 'BTC')])
    expect(copy.read().rows.ledger).toHaveLength(6)
    expect(readdirSync(join(copyFile, '..')).filter((name) => name.includes('aside'))).toHaveLength(1)
  })
  it('never stops an entry when it cannot be written, and says so', () => {
    const { copyFile, start } = aMiner({ withCopy: true })
    const { copy, ledger } = start()
    rmSync(copyFile)
    mkdirSync(copyFile)
    ledger.append(() => [reverted(3, 'BTC')])
    expect([ledger.head().id, copy.problem]).toEqual([6, expect.stringMatching(/cannot be written: EISDIR/)])
  })
  it('keeps everybody but the miner from beginning a new ledger when the file is missing', () => {
    const { path, file, start } = aMiner({ withCopy: true })
    for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true })
    expect(() => openGovernance({ path, migrationsDir, clock })).toThrow(/is missing, and the copy beside it holds/)
    expect(entriesOf(start().db)).toHaveLength(5)
  })
})

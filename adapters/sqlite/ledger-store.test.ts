import { createHash } from 'node:crypto'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import type { NewLedgerEntry } from '#core/tuning/governance/ledger'
import { verifyLedger } from '#core/tuning/governance/verify-ledger'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { type Database, openGovernanceDatabase } from './database.ts'
import { governancePathOf } from './governance-path.ts'
import { SqliteGovernanceStore } from './governance-store.ts'
import { SqliteLedgerStore } from './ledger-store.ts'

const migrationsDir = join(import.meta.dirname, '..', '..', 'migrations')
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

function aFile() {
  const path = join(temporaryFolder(), 'ledger.sqlite')
  const open = (): Database => {
    const db = openGovernanceDatabase({ path, migrationsDir, clock: systemClock, busyTimeoutMs: 10 })
    onTestFinished(() => void db.close())
    return db
  }
  return { path: governancePathOf(path), open }
}

const proposed = (changeId: number, asset: string, atMs = 1_000): NewLedgerEntry => ({
  ...{ kind: 'proposed', asset, changeId, atMs },
  body: {
    ...{ parameter: 'lambda', oldValue: 0.94, newValue: 0.93, before: 0.94, after: 0.93 },
    ...{ reason: 'a test', by: 'operator', isForced: true, evidence: null, effectiveAtMs: 60_000 },
  },
})
const reverted = (changeId: number, asset: string, atMs = 1_000): NewLedgerEntry => ({
  ...{ kind: 'verdict', asset, changeId, atMs },
  body: {
    ...{ decision: 'reverted', assessment: 'unknown', comparison: null, by: 'operator', reason: 'x' },
    effectiveAtMs: 60_000,
  },
})

describe('the ledger in SQLite', () => {
  it('gives back what was added, in order, also to another process and after a restart', () => {
    const { open } = aFile()
    const [first, second] = [new SqliteLedgerStore(open()), new SqliteLedgerStore(open())]
    expect(second.head()).toEqual({ id: 0, hash: '0'.repeat(64) })
    first.append(() => [proposed(1, 'BTC'), reverted(1, 'BTC')])
    expect(second.read()).toEqual([
      { id: 1, ...proposed(1, 'BTC') },
      { id: 2, ...reverted(1, 'BTC') },
    ])
    second.append((entries) => [proposed(entries.length, 'ETH')])
    expect(first.read().at(-1)).toEqual({ id: 3, ...proposed(2, 'ETH') })
    expect(new SqliteLedgerStore(open()).read()).toEqual(first.read())
    expect(first.head()).toEqual(second.head())
  })
  it('adds all entries of a decision or none, and none when the decision throws', () => {
    const ledger = new SqliteLedgerStore(aFile().open())
    expect(() => ledger.append(() => [proposed(1, 'BTC'), proposed(2, 'BTC')])).toThrow('another change')
    expect(() =>
      ledger.append(() => {
        throw new Error('no')
      }),
    ).toThrow('no')
    expect(ledger.read()).toEqual([])
  })
  it('allows one open change an asset, by its own constraint and not by our code', () => {
    const db = aFile().open()
    const ledger = new SqliteLedgerStore(db)
    ledger.append(() => [proposed(1, 'BTC')])
    ledger.append(() => [proposed(2, 'ETH')])
    expect(() => ledger.append(() => [proposed(3, 'BTC')])).toThrow('another change of this asset is open')
    expect(() => db.exec(`insert into open_changes values ('BTC', 1)`)).toThrow('UNIQUE')
    expect(() => db.exec(`delete from open_changes`)).toThrow('follow from the ledger')
    expect(() => db.exec(`update open_changes set asset = 'XAU'`)).toThrow('follow from the ledger')
    ledger.append(() => [reverted(1, 'BTC'), proposed(3, 'BTC')])
    expect(ledger.readOpenChanges()).toEqual([
      { asset: 'BTC', changeId: 3 },
      { asset: 'ETH', changeId: 2 },
    ])
  })
  it.each([
    [`update ledger set body = '{}'`, 'append-only'],
    [`delete from ledger`, 'append-only'],
    [`delete from ledger where id = 2`, 'append-only'],
    [`insert or replace into ledger select * from ledger where id = 1`, 'does not follow'],
    [
      `insert into ledger select 9, kind, asset, change_id, at_ms, body, previous_hash, 'f' || substr(hash, 2) from ledger where id = 2`,
      'does not follow',
    ],
    [
      `insert into ledger select 3, kind, asset, change_id, at_ms, body, previous_hash, 'f' || substr(hash, 2) from ledger where id = 2`,
      'does not follow',
    ],
    [
      `insert or replace into ledger select 3, 'proposed', 'BTC', 1, at_ms, body, hash, 'f' || substr(hash, 2) from ledger where id = 2`,
      'there already',
    ],
    [
      `insert into ledger select 3, 'verdict', 'BTC', 7, at_ms, body, hash, 'f' || substr(hash, 2) from ledger where id = 2`,
      'is not there',
    ],
    [`update evidence set asset = 'x'`, 'append-only'],
    [`delete from evidence`, 'append-only'],
    [`update miner_facts set value = 'x'`, 'written once'],
    [`delete from miner_facts`, 'written once'],
  ])('refuses %s', (sql, message) => {
    const db = aFile().open()
    const ledger = new SqliteLedgerStore(db)
    const store = new SqliteGovernanceStore(db)
    store.recordStart(5)
    store.saveEvidence({
      ...{ asset: 'BTC', parameter: 'lambda', oldValue: 0.94, newValue: 0.93, before: 0.94, after: 0.93 },
      ...{ fromMs: 0, toMs: 1, madeAtMs: 1 },
      comparison: { count: 1, days: 1, relativeDifference: 0, interval: [0, 0], level: 0.95, horizons: [] },
    })
    ledger.append(() => [proposed(1, 'BTC'), proposed(2, 'ETH')])
    const before = ledger.readRows()
    expect(() => db.exec(sql)).toThrow(message)
    expect(ledger.readRows()).toEqual(before)
  })
  it('keeps the first start of the miner, and evidence as it was measured', () => {
    const store = new SqliteGovernanceStore(aFile().open())
    expect(store.startedAtMs()).toBeUndefined()
    store.recordStart(1_000)
    store.recordStart(9_000)
    expect(store.startedAtMs()).toBe(1_000)
    const evidence = {
      ...{ asset: 'BTC', parameter: 'blend_low.ewma', oldValue: 0, newValue: 0.1 },
      ...{ before: { calibrated: 1 }, after: { calibrated: 0.9, ewma: 0.1 }, fromMs: 0, toMs: 1, madeAtMs: 1 },
      comparison: {
        ...{ count: 2, days: 1, relativeDifference: -0.01, interval: [-0.02, 0.1 + 0.2] as const, level: 0.95 },
        horizons: [],
      },
    }
    expect(store.findEvidence(store.saveEvidence(evidence).id)).toEqual({ ...evidence, id: 1 })
    expect(store.findEvidence(2)).toBeUndefined()
  })
  it('says that another process holds the file, and leaves the ledger as it was', () => {
    const { path, open } = aFile()
    const ledger = new SqliteLedgerStore(open())
    const other = new SqliteDatabase(path)
    other.exec('begin immediate')
    expect(() => ledger.append(() => [proposed(1, 'BTC')])).toThrow(
      expect.objectContaining({ code: 'LEDGER_BUSY', exitCode: 75 }) as Error,
    )
    other.exec('rollback')
    other.close()
    expect(ledger.read()).toEqual([])
  })
})

describe('verifyLedger', () => {
  /** As somebody with a database shell could, once the triggers are out of the way. */
  const tamper = (sql: string) => {
    const db = aFile().open()
    const ledger = new SqliteLedgerStore(db)
    ledger.append(() => [proposed(1, 'BTC'), reverted(1, 'BTC'), proposed(2, 'ETH')])
    for (const { name } of db.prepare(`select name from sqlite_master where type = 'trigger'`).all() as {
      name: string
    }[])
      db.exec(`drop trigger ${name}`)
    db.exec(sql)
    return verifyLedger(new SqliteLedgerStore(db), sha256)
  }
  it('finds no problem in entries that the gate wrote', () => {
    expect(tamper('select 1')).toMatchObject({ isSound: true, entryCount: 3, problems: [] })
  })
  it.each([
    [`update ledger set body = replace(body, '0.93', '0.92') where id = 1`, 'Entry 1 does not match its own hash.'],
    [`update ledger set at_ms = 1 where id = 3`, 'Entry 3 does not match its own hash.'],
    [`delete from ledger where id = 2`, 'Entry 3 is where entry 2 should be.'],
    [`update ledger set kind = 'applied' where id = 2`, 'Entry 2 does not match its own hash.'],
    [`delete from open_changes`, 'The table of open changes says "";'],
  ])('notices %s', (sql, problem) => {
    const found = tamper(sql)
    expect(found.isSound).toBe(false)
    expect(found.problems[0]).toContain(problem)
  })
  it('notices entries that are chained well but that no gate would have let in', () => {
    const db = aFile().open()
    const ledger = new SqliteLedgerStore(db)
    db.exec('drop trigger ledger_entry_follows_the_last')
    db.exec('drop trigger proposal_opens_a_change')
    ledger.append(() => [proposed(1, 'BTC'), proposed(2, 'BTC')])
    expect(verifyLedger(ledger, sha256).problems).toEqual([
      'Entry 2 changes BTC while another change of it was under observation.',
      'Entry 2 starts from another lambda than the previous entries lead to.',
    ])
  })
})

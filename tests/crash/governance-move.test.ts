import { spawnSync } from 'node:child_process'
import { copyFileSync, cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { type Database, openDatabase, openGovernanceDatabase } from '#adapters/sqlite/database'
import { governancePathOf } from '#adapters/sqlite/governance-path'
import { SqliteLedgerStore } from '#adapters/sqlite/ledger-store'
import { runsLong } from '#tests/support/long-tests'
import { dumpGovernance, fillGovernance, openOlderDatabase, proposed, reverted } from '#tests/support/old-governance'
import { temporaryFolder } from '#tests/support/temporary-folder'

const root = join(import.meta.dirname, '..', '..')
const migrationsDir = join(root, 'migrations')

function anOldMiner() {
  const path = join(temporaryFolder(), 'miner.sqlite')
  const db = openOlderDatabase(path)
  fillGovernance(db)
  const before = dumpGovernance(db)
  db.close()
  return { path, before }
}

function open(path: string): { main: Database; governance: Database } {
  const main = openDatabase({ path, migrationsDir, clock: systemClock })
  onTestFinished(() => void main.close())
  const governance = openGovernanceDatabase({ path, migrationsDir, clock: systemClock })
  onTestFinished(() => void governance.close())
  return { main, governance }
}

const tablesOf = (db: SqliteDatabase.Database) =>
  db.prepare<[], string>("select name from sqlite_schema where type in ('table', 'view')").pluck().all()

describe('governance in the main file of an older release', () => {
  it('is moved whole to a file of its own, once, and the gate works on there', () => {
    const { path, before } = anOldMiner()
    const { main, governance } = open(path)
    expect(dumpGovernance(governance)).toEqual(before)
    expect(
      tablesOf(main).filter((name) => /ledger|open_changes|evidence|governance|facts|verdicts/.test(name)),
    ).toEqual([])
    const ledger = new SqliteLedgerStore(governance)
    expect(() => ledger.append(() => [proposed(4, 'BTC')])).toThrow('another change of this asset is open')
    ledger.append(() => [reverted(3, 'BTC'), proposed(4, 'BTC')])
    expect(ledger.readOpenChanges()).toEqual([{ asset: 'BTC', changeId: 4 }])
    expect(() => governance.exec('delete from ledger')).toThrow('append-only')
    expect(open(path).governance.prepare('select count(*) from ledger').pluck().get()).toBe(7)
  })
  it('leaves no file where there is nothing to move', () => {
    const path = join(temporaryFolder(), 'miner.sqlite')
    openOlderDatabase(path).close()
    openDatabase({ path, migrationsDir, clock: systemClock }).close()
    expect(existsSync(governancePathOf(path))).toBe(false)
  })
  it('may come back from a backup beside a governance file that has gone on', () => {
    const { path, before } = anOldMiner()
    const kept = `${path}.kept`
    copyFileSync(path, kept)
    const { main, governance } = open(path)
    new SqliteLedgerStore(governance).append(() => [reverted(3, 'BTC')])
    main.close()
    const after = dumpGovernance(governance)
    copyFileSync(kept, path)
    expect(dumpGovernance(open(path).governance)).toEqual(after)
    expect(after['ledger']!.length).toBe(before['ledger']!.length + 1)
  })
  it('stays where it is when the governance file holds another ledger', () => {
    const { path, before } = anOldMiner()
    const other = openGovernanceDatabase({ path, migrationsDir, clock: systemClock })
    new SqliteLedgerStore(other).append(() => [proposed(1, 'XAU')])
    const there = dumpGovernance(other)
    other.close()
    expect(() => openDatabase({ path, migrationsDir, clock: systemClock })).toThrow(
      /hold different rows 1 of the table ledger/,
    )
    const main = new SqliteDatabase(path, { readonly: true })
    expect(dumpGovernance(main)).toEqual(before)
    main.close()
    const governance = new SqliteDatabase(governancePathOf(path), { readonly: true })
    expect(dumpGovernance(governance)).toEqual(there)
    governance.close()
  })
})

const hasStrace = spawnSync('strace', ['-f', '-o', '/dev/null', 'true']).status === 0
const child = `
  const { openDatabase } = await import('#adapters/sqlite/database')
  const { systemClock } = await import('#adapters/clock/system-clock')
  openDatabase({ path: process.argv[1], migrationsDir: process.argv[2], clock: systemClock }).close()
`

/** Opens the database in a process of its own, under strace with these further arguments. */
function openTraced(path: string, ...options: string[]) {
  const files = [path, governancePathOf(path)].flatMap((file) => ['', '-wal', '-journal'].map((end) => `${file}${end}`))
  return spawnSync(
    'strace',
    [
      ...['-f', '-qq', ...files.flatMap((file) => ['-P', file]), ...options],
      ...[process.execPath, '--import', 'tsx', '--input-type=module', '-e', child, path, migrationsDir],
    ],
    { cwd: root, encoding: 'utf8' },
  )
}

const calls = ['pwrite64', 'fsync', 'fdatasync', 'ftruncate', 'unlink'] as const

describe.skipIf(!hasStrace)(`a move that is killed${hasStrace ? '' : ' (skipped: no strace)'}`, () => {
  it('at any of its writes leaves the old tables or the new file, and ends well when started again', {
    timeout: 900_000,
  }, () => {
    const { path, before } = anOldMiner()
    const copyTo = (): string => {
      const folder = join(temporaryFolder(), 'data')
      cpSync(join(path, '..'), folder, { recursive: true })
      return join(folder, 'miner.sqlite')
    }
    const { stderr, status } = openTraced(copyTo(), '-e', `trace=${calls.join(',')}`)
    expect(status).toBe(0)
    const points = calls.flatMap((call) => {
      const count = stderr.split('\n').filter((line) => new RegExp(`(^|\\s)${call}[(]`).test(line)).length
      return Array.from({ length: count }, (_, i) => ({ call, n: i + 1 }))
    })
    // Every one, or some from each part of the move, with the last write of all.
    const isLastWrite = ({ call }: { call: string }, i: number) => call === 'pwrite64' && points[i + 1]?.call !== call
    const chosen = runsLong
      ? points
      : points.filter((point, i) => i % Math.ceil(points.length / 6) === 0 || isLastWrite(point, i))
    const left: Record<string, number> = {}
    for (const { call, n } of chosen) {
      const target = copyTo()
      openTraced(target, '-o', '/dev/null', '-e', `inject=${call}:signal=KILL:when=${n}`)
      const main = new SqliteDatabase(target)
      const isOld = tablesOf(main).includes('ledger')
      if (isOld) expect(dumpGovernance(main)).toEqual(before)
      main.close()
      left[isOld ? 'old' : 'new'] = (left[isOld ? 'old' : 'new'] ?? 0) + 1
      const { governance } = open(target)
      expect(dumpGovernance(governance)).toEqual(before)
      governance.close()
    }
    expect(points.length).toBeGreaterThan(40)
    expect(left['old']).toBeGreaterThan(0)
    expect(left['new']).toBeGreaterThan(0)
  })
})

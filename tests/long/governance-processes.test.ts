import { type ChildProcess, execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import SqliteDatabase from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { type Database, openDatabase } from '#adapters/sqlite/database'
import { governancePathOf } from '#adapters/sqlite/governance-path'
import { SqliteGovernanceStore } from '#adapters/sqlite/governance-store'
import { SqliteLedgerStore } from '#adapters/sqlite/ledger-store'
import { dayMs } from '#core/base/time/units'
import { replayLedger, statusOf } from '#core/tuning/governance/governance-state'
import { verifyLedger } from '#core/tuning/governance/verify-ledger'
import type { LedgerChildOptions, LedgerChildReport } from '#tests/support/ledger-child'
import { runProgram, startMiner } from '#tests/support/programs'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { openGovernanceOf } from '#tests/support/test-database'

const root = join(import.meta.dirname, '..', '..')
const migrationsDir = join(root, 'migrations')
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

function openFile(path: string): Database {
  const db = openGovernanceOf(path)
  onTestFinished(() => void db.close())
  return db
}

/** A data folder whose miner first ran twenty days ago. */
function aDataFolder() {
  const cwd = temporaryFolder()
  const path = join(cwd, 'data', 'miner.sqlite')
  const db = openFile(path)
  new SqliteGovernanceStore(db).recordStart(systemClock.nowMs() - 20 * dayMs)
  const ledger = new SqliteLedgerStore(db)
  const tuner = (...args: string[]) => runProgram('tuner', args, { cwd })
  return { cwd, path, ledger, tuner }
}

async function runChild(options: LedgerChildOptions): Promise<LedgerChildReport> {
  const script = join(root, 'tests', 'support', 'ledger-child.ts')
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script, JSON.stringify(options)])
  return JSON.parse(stdout) as LedgerChildReport
}

describe('three processes on one ledger', () => {
  it('lose nothing, allow one open change an asset at every moment, and leave an unbroken chain', async () => {
    const dbPath = join(temporaryFolder(), 'shared.sqlite')
    const ledger = new SqliteLedgerStore(openFile(dbPath))
    const [first, second, undoing] = await Promise.all([
      runChild({ mode: 'propose', dbPath, seed: '1', tries: 150 }),
      runChild({ mode: 'propose', dbPath, seed: '2', tries: 150 }),
      runChild({ mode: 'revert', dbPath, seed: '3', tries: 200 }),
    ])
    const { changes } = replayLedger(ledger.read())
    expect(changes).toHaveLength(first.done + second.done)
    expect(changes.filter((change) => statusOf(change) === 'reverted')).toHaveLength(undoing.done)
    // Nobody was refused for anything but an open change.
    for (const { refused } of [first, second]) expect(Object.keys(refused)).toEqual(['CHANGE_IN_OBSERVATION'])
    expect(undoing.refused).toEqual({})
    expect(verifyLedger(ledger, sha256)).toMatchObject({ isSound: true, problems: [] })
  })
})

describe('the real programs', () => {
  it('let the running miner take what the tuner let through, and tell each other through the ledger', {
    timeout: 120_000,
  }, async () => {
    const { cwd, tuner } = aDataFolder()
    const miner = await startMiner(['--health.port', '0'], { cwd })
    expect(tuner('propose', 'BTC', 'level_low', '1.05', '--reason', 'a test').stderr).toContain('EVIDENCE_MISSING')
    const taken = nextLine(miner.child, '"event":"parameters.applied"')
    const proposed = tuner('propose', 'BTC', 'level_low', '1.05', '--reason', 'a test', '--force')
    expect([proposed.exitCode, proposed.stderr]).toEqual([0, ''])
    expect(JSON.parse(await taken)).toMatchObject({ changeId: 1, asset: 'BTC', from: 1, to: 1.05, revision: 1 })
    const current = JSON.parse(tuner('current', '--asset', 'BTC', '--json').stdout) as {
      assets: { parameters: { parameter: string; value: number; source: string; appliedAt: string | null }[] }[]
    }
    const level = current.assets[0]!.parameters.find(({ parameter }) => parameter === 'level_low')
    expect(level).toMatchObject({ value: 1.05, source: 'trial' })
    expect(level?.appliedAt).not.toBeNull()
    expect(tuner('propose', 'BTC', 'tail_low', '1.1', '--reason', 'a test', '--force')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(
        'CHANGE_IN_OBSERVATION: Change 1 (level_low) of BTC is under observation until',
      ) as string,
    })
    expect(tuner('revert', '1', '--reason', 'seen enough').exitCode).toBe(0)
    expect(tuner('history', '--verify').stdout).toMatch(/The ledger is intact: [34] entries/)
    const health = (await (await fetch(`${miner.healthUrl}/health`)).json()) as {
      parts: Record<string, { state: string }>
    }
    expect(health.parts['governance']?.state).toBe('ok')
  })
  it('keep the parameters when the main database is damaged, and say what was lost', { timeout: 120_000 }, async () => {
    const { cwd, path, tuner } = aDataFolder()
    expect(tuner('propose', 'BTC', 'level_low', '1.05', '--reason', 'a test', '--force').exitCode).toBe(0)
    const main = openDatabase({ path, migrationsDir, clock: systemClock })
    main.exec(`insert into minute_series values (1, 'BTC', 'v', 's')`)
    for (let day = 0; day < 50; day += 1) main.exec(`insert into minute_days values (1, ${day}, zeroblob(11520))`)
    const leaf = main.prepare<[], number>(
      `select max(pageno) from dbstat where name = 'minute_days' and pagetype = 'leaf'`,
    )
    const page = leaf.pluck().get()!
    main.pragma('wal_checkpoint(truncate)')
    main.close()
    const bytes = readFileSync(path)
    writeFileSync(path, bytes.fill(0xa5, (page - 1) * 4096, page * 4096))
    const miner = await startMiner(['--health.port', '0'], { cwd })
    const health = (await (await fetch(`${miner.healthUrl}/health`)).json()) as {
      state: string
      parts: Record<string, { state: string; sentence: string }>
    }
    expect(health.state).toBe('degraded')
    expect(health.parts['database']).toMatchObject({
      state: 'degraded',
      sentence: expect.stringMatching(/^The database was damaged[.] Lost rows: minute_days \d+[.]/) as string,
    })
    expect(health.parts['governance']?.sentence).toContain('change 1 (BTC level_low 1 to 1.05)')
  })
  it('answer a busy database with one sentence, exit 75, and leave the ledger alone', () => {
    const { path, ledger, tuner } = aDataFolder()
    const other = new SqliteDatabase(governancePathOf(path))
    other.exec('begin immediate')
    const refused = tuner('propose', 'BTC', 'level_low', '1.05', '--reason', 'x', '--force')
    expect(refused.exitCode).toBe(75)
    expect(refused.stderr).toMatch(
      /^LEDGER_BUSY: The ledger was not written: another process holds the database[.]\n {2}.+\n$/,
    )
    expect(tuner('current').exitCode).toBe(0)
    other.exec('rollback')
    other.close()
    expect(ledger.read()).toEqual([])
  })
  it('answer a database that another program holds for itself with one sentence', () => {
    const cwd = temporaryFolder()
    mkdirSync(join(cwd, 'data'))
    const other = new SqliteDatabase(join(cwd, 'data', 'miner.sqlite'))
    other.pragma('locking_mode = exclusive')
    other.exec('create table x (y)')
    const refused = runProgram('tuner', ['current'], { cwd })
    other.close()
    expect(refused.exitCode).toBe(75)
    expect(refused.stderr).toMatch(/^STORE_OPEN_FAILED: .*database is locked/)
    expect(refused.stderr).not.toContain('    at ')
  })
  it('bring an older database up to date, and refuse a newer one', () => {
    const cwd = temporaryFolder()
    const older = join(cwd, 'older')
    mkdirSync(older)
    for (const file of readdirSync(migrationsDir).filter((name) => name < '0070')) {
      copyFileSync(join(migrationsDir, file), join(older, file))
    }
    const path = join(cwd, 'data', 'miner.sqlite')
    openDatabase({ path, migrationsDir: older, clock: systemClock }).close()
    const shown = runProgram('tuner', ['history', '--verify'], { cwd })
    expect([shown.exitCode, shown.stderr]).toEqual([0, ''])
    expect(shown.stdout).toContain('No parameter was ever changed.')
    const db = new SqliteDatabase(path)
    db.exec(`insert into schema_migrations values (9999, 'later', 'x', 0)`)
    db.close()
    expect(runProgram('tuner', ['check', 'BTC', 'lambda'], { cwd })).toMatchObject({
      exitCode: 78,
      stderr: expect.stringContaining('STORE_NEWER') as string,
    })
  })
})

function nextLine(child: ChildProcess, text: string): Promise<string> {
  return new Promise((resolve) => {
    let pending = ''
    const onData = (chunk: Buffer): void => {
      pending += chunk.toString()
      const lines = pending.split('\n')
      pending = lines.pop()!
      const found = lines.find((line) => line.includes(text))
      if (found === undefined) return
      child.stdout!.off('data', onData)
      resolve(found)
    }
    child.stdout!.on('data', onData)
  })
}

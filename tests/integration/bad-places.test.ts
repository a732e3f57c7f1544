import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { findRunningMiners } from '#adapters/lock/running-miners'
import { runProgram, startMiner } from '#tests/support/programs'
import { makeLabJournal } from '#tests/support/replay-lab'
import { folderForAll, temporaryFolder } from '#tests/support/temporary-folder'
import { openGovernanceOf } from '#tests/support/test-database'
import { runTuner, splitLine } from '#tests/support/tuner-lab'

const dbIn = (folder: string): string => join(folder, 'data', 'miner.sqlite')

let kept: string
beforeAll(() => {
  kept = folderForAll()
  makeLabJournal(dbIn(kept), { days: 1 })
  openGovernanceOf(dbIn(kept)).close()
})

function aMinersFolder(): string {
  const folder = temporaryFolder()
  cpSync(kept, folder, { recursive: true })
  return folder
}

function withFile(content: string | ((path: string) => void)): string {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'data'))
  if (typeof content === 'string') writeFileSync(dbIn(folder), content)
  else content(dbIn(folder))
  return folder
}

function ofAnotherProgram(path: string): void {
  const db = new SqliteDatabase(path)
  db.exec('create table invoices (number integer); insert into invoices values (7)')
  db.close()
}

function withChange(change: (db: SqliteDatabase.Database) => void): string {
  const folder = aMinersFolder()
  const db = new SqliteDatabase(dbIn(folder))
  change(db)
  db.close()
  return folder
}

/** Every file with its content and permissions. */
function contentOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    files
      .map(({ parentPath, name }) => join(parentPath, name))
      .sort()
      .map((path) => [path, `${statSync(path).mode} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`]),
  )
}

interface Refusal {
  readonly exitCode: number
  readonly says: RegExp
}

/** The second and the third line that every user types; the first one is `miner start` below. */
const lines = ['replay --days 30', 'propose BTC lambda 0.93 --reason x']
const readers = [...lines, 'current', 'check BTC lambda', 'diagnose', 'journal list', 'minutes status', 'shadow report']
const bringers = ['minutes backfill', 'minutes import BTC.csv', 'shadow fetch']

const bad: readonly (readonly [place: string, () => string, readonly string[], Refusal])[] = [
  [
    'a folder without a database',
    temporaryFolder,
    [...readers, ...bringers],
    {
      exitCode: 65,
      says: /^STORE_MISSING: There is no database .*miner.sqlite, and no miner runs .*\n {2}Go to the folder/,
    },
  ],
  [
    'a named database that is not there',
    aMinersFolder,
    readers.map((line) => `${line} --db.path other/miner.sqlite`),
    {
      exitCode: 65,
      says: /^STORE_MISSING: There is no database .*other.miner.sqlite, which --db.path names.\n {2}Correct/,
    },
  ],
  [
    'a database of another program',
    () => withFile(ofAnotherProgram),
    [...readers, ...bringers],
    { exitCode: 78, says: /^STORE_FOREIGN: .*miner.sqlite is the database of another program.\n {2}Set db.path/ },
  ],
  [
    'a file that is no database',
    () => withFile('a letter, not a database. '.repeat(200)),
    readers,
    { exitCode: 65, says: /^STORE_CORRUPT: .*miner.sqlite.*\n {2}\S/ },
  ],
  [
    'a mistyped asset',
    aMinersFolder,
    ['replay --days 30 --asset BTX', 'propose BTX lambda 0.93 --reason x', 'check BTX lambda'],
    { exitCode: 64, says: /^ASSET_UNKNOWN: There is no asset BTX.\n {2}.*Known are/ },
  ],
  [
    'a number with a comma',
    aMinersFolder,
    ['replay --days 3,5', 'propose BTC lambda 0,93 --reason x', 'replay --compare ewma:lambda=0,93'],
    { exitCode: 64, says: /^[A-Z_]+: .*(3,5|0,93|"93").*\n {2}\S/ },
  ],
  [
    'a setting with a comma',
    aMinersFolder,
    ['replay --models.deadlineMs 2,5'],
    { exitCode: 78, says: /^CONFIG_INVALID: --models.deadlineMs: .*\n {2}\S/ },
  ],
  [
    'a folder in the place of the database',
    () => withFile((path) => mkdirSync(path)),
    [...readers, ...bringers],
    {
      exitCode: 65,
      says: /^STORE_MISSING: .*miner.sqlite is a folder, not a database.\n {2}Set db.path to the file in it/,
    },
  ],
  [
    'a file without content',
    () => withFile(''),
    readers,
    { exitCode: 65, says: /^STORE_MISSING: There is no database .*miner.sqlite, and no miner runs/ },
  ],
  [
    'a link that leads nowhere',
    () => withFile((path) => symlinkSync('nowhere/miner.sqlite', path)),
    [...readers.map((line) => `${line} --db.path data/miner.sqlite`), ...readers],
    { exitCode: 65, says: /^STORE_MISSING: There is no database .*miner.sqlite, .*\n {2}\S/ },
  ],
  [
    'a database of a newer release',
    () => withChange((db) => db.exec(`insert into schema_migrations values (9999, 'later', 'x', 0)`)),
    [...lines, 'check BTC lambda', 'minutes backfill'],
    { exitCode: 78, says: /^STORE_NEWER: .*holds migration 9999 .later., which this release does not know/ },
  ],
  [
    'days that are none',
    aMinersFolder,
    ['replay --days 0', 'replay --days -1', 'replay --days 1e9', 'replay --days 2.5', 'diagnose --days 30d'],
    { exitCode: 64, says: /^USAGE: .*whole number of days, 1 to 3650.\n {2}Run "tuner (replay|diagnose) --help"/ },
  ],
  [
    'a value that is no number',
    aMinersFolder,
    ['93%', 'NaN', 'Infinity', '1e999', '""', '0.93.1'].map((value) => `propose BTC lambda ${value} --reason x`),
    { exitCode: 64, says: /^PARAMETER_VALUE_INVALID: lambda is a number; .* is not.\n {2}\S/ },
  ],
  [
    'two assets, or one in small letters',
    aMinersFolder,
    ['replay --asset BTC,ETH', 'replay --asset btc', 'diagnose --asset Btc'],
    { exitCode: 64, says: /^ASSET_UNKNOWN: There is no asset (BTC,ETH|btc|Btc).\n {2}.*Known are/ },
  ],
  [
    'a word too many',
    aMinersFolder,
    ['propose BTC ETH lambda 0.93 --reason x', 'check BTC ETH lambda'],
    { exitCode: 64, says: /^USAGE: Too many arguments.*\n {2}Run "tuner (propose|check) --help"/ },
  ],
  [
    'a horizon that is none',
    aMinersFolder,
    ['replay --horizon 24', 'diagnose --horizon day', 'journal list --horizon 2h'],
    { exitCode: 64, says: /^USAGE: .*Allowed choices are 24h, 1h, low, high.\n {2}Run "tuner/ },
  ],
  [
    'a configuration file that is not there',
    aMinersFolder,
    ['replay --config mine.yaml'],
    { exitCode: 78, says: /^CONFIG_FILE_UNREADABLE: mine.yaml: .*\n {2}\S/ },
  ],
]

describe.each(bad)('%s', (_, place, typed, { exitCode, says }) => {
  it.each(typed)('tuner %s: a sentence, the next step, an exit code, and nothing changed', async (line) => {
    const folder = place()
    const before = contentOf(folder)
    const run = await runTuner(splitLine(line), { cwd: folder })
    expect(run.warnings.join('\n')).toMatch(says)
    expect([run.exitCode, run.lines]).toEqual([exitCode, []])
    expect(contentOf(folder)).toEqual(before)
    expect(existsSync(join(folder, 'other'))).toBe(false)
  })
})

describe('the miner', () => {
  it.each([
    ['a database of another program', () => withFile(ofAnotherProgram), [], 78, /^STORE_FOREIGN: .*another program/m],
    [
      'a folder in its place',
      () => withFile((path) => mkdirSync(path)),
      [],
      65,
      /^STORE_MISSING: .* is a folder, not/m,
    ],
    ['a setting with a comma', temporaryFolder, ['--axon.port', '80,91'], 78, /^CONFIG_INVALID: --axon.port: /m],
    ['a wallet that is not there', temporaryFolder, ['--wallet.name', 'nobody'], 78, /^WALLET_FILE_MISSING: /m],
  ])('refuses %s with the next step', (_, place, settings, exitCode, says) => {
    const folder = place()
    const before = contentOf(folder)
    const run = runProgram('miner', ['start', '--health.port', '0', ...settings], { cwd: folder })
    expect(run.stderr).toMatch(says)
    expect(run.stderr).toMatch(/\n {2}\S.*[.]\n$/)
    expect(run.exitCode).toBe(exitCode)
    if (!settings.includes('--wallet.name')) expect(contentOf(folder)).toEqual(before)
  })
})

describe('a folder that may only be read', () => {
  const uid = process.getuid?.() === 0 ? { uid: 65_534 } : {}
  it.each([
    ['tuner', 'replay --days 30'],
    ['tuner', 'propose BTC lambda 0.93 --reason x --force'],
    ['tuner', 'minutes status'],
    ['miner', 'start --health.port 0'],
  ] as const)('%s %s', (program, line) => {
    const folder = aMinersFolder()
    for (const name of readdirSync(join(folder, 'data'))) chmodSync(join(folder, 'data', name), 0o444)
    chmodSync(folder, 0o555)
    chmodSync(join(folder, 'data'), 0o555)
    const before = contentOf(folder)
    const run = runProgram(program, splitLine(line), { cwd: folder, ...uid })
    chmodSync(folder, 0o755)
    chmodSync(join(folder, 'data'), 0o755)
    expect(run.stderr).toMatch(/^[A-Z_]+: .*(read-only|readonly|unable to open|permission).*\n {2}\S.*[.]\n$/im)
    expect(run.stderr).not.toContain('BUG')
    expect(run.exitCode).toBe(75)
    expect(contentOf(folder)).toEqual(before)
  })
})

describe('a miner that runs', () => {
  it('is found from any folder by its lock, and the tuner says whose database it reads', async () => {
    const miner = await startMiner(['--health.port', '0'], { cwd: temporaryFolder() })
    const running = findRunningMiners().filter(({ pid }) => pid === miner.child.pid)
    expect(running).toHaveLength(1)
    const elsewhere = temporaryFolder()
    const clock = systemClock
    const { databasePath } = running[0]!
    const replay = await runTuner(['replay', '--days', '30'], { cwd: elsewhere, runningMiners: running, clock })
    expect(replay).toEqual({
      exitCode: 0,
      warnings: [
        expect.stringMatching(`^Database: ${databasePath}, of the running miner .${miner.child.pid}.[.] Its conf`),
      ],
      lines: [`Database: ${databasePath}`, 'The journal is empty: the miner has kept no answer yet.'],
    })
    const asJson = await runTuner(['replay', '--json'], { cwd: elsewhere, runningMiners: running, clock })
    expect(JSON.parse(asJson.lines.join(''))).toMatchObject({ database: databasePath, kept: 0 })
    expect(asJson.warnings).toEqual([])
    expect(readdirSync(elsewhere)).toEqual([])
    miner.child.kill('SIGTERM')
    await miner.exit
    expect(findRunningMiners().filter(({ pid }) => pid === miner.child.pid)).toEqual([])
  })
  it('is no reason to leave the folder that one stands in', async () => {
    const folder = aMinersFolder()
    const running = [{ pid: 1, databasePath: '/elsewhere/miner.sqlite' }]
    const { lines } = await runTuner(['replay', '--asset', 'XAU', '--days', '1'], {
      cwd: folder,
      runningMiners: running,
    })
    expect(lines[0]).toBe(`Database: ${dbIn(folder)}`)
  })
})

describe('a command with data of its own', () => {
  it('makes a database only under a name that somebody gave', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'BTC.csv'), 'ts,close\n1790000040,100\n1790000100,101\n')
    const refused = await runTuner(['minutes', 'import', 'BTC.csv'], { cwd: folder })
    expect([refused.exitCode, refused.warnings.at(-1)]).toEqual([65, expect.stringContaining('makes one here')])
    const { exitCode } = await runTuner(['minutes', 'import', 'BTC.csv', '--db.path', 'data/miner.sqlite'], {
      cwd: folder,
    })
    expect([exitCode, existsSync(dbIn(folder))]).toEqual([0, true])
  })
})

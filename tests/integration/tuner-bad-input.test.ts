import { copyFileSync, cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { systemClock } from '#adapters/clock/system-clock'
import { openDatabase } from '#adapters/sqlite/database'
import { governancePathOf } from '#adapters/sqlite/governance-path'
import { SqliteGovernanceStore } from '#adapters/sqlite/governance-store'
import { ErrorShape } from '#core/base/errors/error-shape'
import { dayMs } from '#core/base/time/units'
import { closedMarket, labNowMs, makeLabJournal } from '#tests/support/replay-lab'
import { folderForAll, temporaryFolder } from '#tests/support/temporary-folder'
import { openGovernanceOf } from '#tests/support/test-database'
import { runTuner, splitLine } from '#tests/support/tuner-lab'

const packageRoot = join(import.meta.dirname, '..', '..')
const migrationsDir = join(packageRoot, 'migrations')
const clock = { ...systemClock, nowMs: () => labNowMs }
const dbIn = (cwd: string): string => join(cwd, 'data', 'miner.sqlite')

let made: string
beforeAll(async () => {
  made = folderForAll()
  writeFileSync(join(made, 'volcast.yaml'), stringify({ market: closedMarket }))
  symlinkSync(join(packageRoot, 'node_modules'), join(made, 'node_modules'))
  makeLabJournal(dbIn(made))
  const governance = openGovernanceOf(dbIn(made))
  new SqliteGovernanceStore(governance).recordStart(labNowMs - 40 * dayMs)
  governance.close()
  await tell(made, 'propose ETH tail_low 1.1 --force --reason "an asset in observation"', 0)
  await tell(made, 'replay --threads 1', 0)
}, 120_000)

/** A folder of its own: a miner of two days, scored, with one change of ETH under observation and no venue in reach. */
function aFolder(change: (db: SqliteDatabase.Database) => void = () => {}): string {
  const cwd = temporaryFolder()
  cpSync(made, cwd, { recursive: true })
  const db = new SqliteDatabase(dbIn(cwd))
  change(db)
  db.close()
  return cwd
}

async function tell(cwd: string, line: string, expected?: number) {
  const run = await runTuner(splitLine(line), { cwd, clock })
  if (expected !== undefined && run.exitCode !== expected) throw new Error(`${line}: ${run.warnings.join(' ')}`)
  return run
}

function ledgerOf(cwd: string): unknown[] {
  const db = new SqliteDatabase(governancePathOf(dbIn(cwd)), { readonly: true })
  try {
    return db.prepare('select * from ledger order by id').all()
  } finally {
    db.close()
  }
}

interface Refusal {
  readonly exitCode: number
  readonly code: string
  readonly says: RegExp
}

/** One sentence with what and why, one with what to do, in text and in JSON; nothing else, and no trace of a stack. */
async function expectRefusal(cwd: string, line: string, { exitCode, code, says }: Refusal): Promise<void> {
  const { warnings, exitCode: ended } = await tell(cwd, line)
  expect({ line, ended, said: warnings.at(-2) }).toEqual({ line, ended: exitCode, said: expect.stringMatching(says) })
  expect(warnings.at(-2)).toMatch(new RegExp(`^${code}: .+[.?)]$`))
  expect(warnings.at(-1)).toMatch(/^ {2}\S.+[.]$/)
  expect(warnings.join('\n')).not.toMatch(/^\s+at |[.]ts:\d|[.]js:\d/m)
  const asJson = await tell(cwd, `${line} --json`)
  expect(asJson.exitCode).toBe(exitCode)
  const { error } = ErrorShape.parse(JSON.parse(asJson.warnings.at(-1)!))
  expect(error).toMatchObject({ code, exitCode, message: expect.stringMatching(/[.?)]$/) as string })
  if (asJson.lines.length > 0) JSON.parse(asJson.lines.join('\n'))
}

const usage = (code: string, says: RegExp): Refusal => ({ exitCode: 64, code, says })
const gate = (code: string, says: RegExp): Refusal => ({ exitCode: 1, code, says })
const noAsset = usage('ASSET_UNKNOWN', /DOGE/)

describe('bad words are refused in a sentence, and nothing is written', () => {
  it.each<[string, Refusal]>([
    // An unknown asset, in every place that takes one.
    ['check DOGE lambda', noAsset],
    ['propose DOGE lambda 0.93 --reason x', noAsset],
    ['current --asset DOGE', noAsset],
    ['history --asset DOGE', noAsset],
    ['suggest --asset DOGE', noAsset],
    ['replay --asset DOGE', noAsset],
    ['diagnose --asset DOGE', noAsset],
    ['journal list --asset DOGE', noAsset],
    ['journal export --asset DOGE', noAsset],
    ['minutes status --asset DOGE', noAsset],
    ['minutes backfill --asset DOGE', noAsset],
    ['minutes export --asset DOGE', noAsset],
    ['regimes at 2026-11-01 --asset DOGE --length 1h', noAsset],
    ['shadow fetch --asset DOGE', noAsset],
    ['calibrate --from-minutes --assets DOGE --out parameters', noAsset],
    // Other names.
    ['check BTC lamda', usage('PARAMETER_UNKNOWN', /There is no parameter lamda/)],
    ['propose BTC beta 1 --reason x', usage('PARAMETER_UNKNOWN', /There is no parameter beta/)],
    ['propose BTC champion_low evma --reason x', usage('PARAMETER_VALUE_INVALID', /Did you mean ewma/)],
    ['replay --competition crypto', usage('COMPETITION_UNKNOWN', /There is no competition crypto/)],
    ['diagnose --competition crypto', usage('COMPETITION_UNKNOWN', /There is no competition crypto/)],
    ['replay --model evma', usage('MODEL_UNKNOWN', /evma/)],
    ['replay --regime 2020', usage('REGIME_UNKNOWN', /2020/)],
    ['explain BTC-3600s-20261006T000100Z', usage('PREDICTION_UNKNOWN', /No prediction has the name/)],
    ['explain BTC-3600s-20261006T0', usage('PREDICTION_UNKNOWN', /\d+ predictions begin with/)],
    ['journal show nothing', usage('PREDICTION_UNKNOWN', /No prediction has the name nothing/)],
    ['revert 7 --reason x', usage('CHANGE_UNKNOWN', /7/)],
    // The gate.
    ['propose BTC level_low 1.2 --force --reason x', gate('CHANGE_STEP_TOO_LARGE', /may change by 0[.]05 at a time/)],
    ['propose BTC level_low 3 --force --reason x', gate('CHANGE_OUT_OF_BOUNDS', /must be between 0[.]5 and 2/)],
    [
      'propose BTC lambda 0.93 --force --reason x',
      gate('CHANGE_WITHOUT_EFFECT', /would alter 0 of the last 50 answers/),
    ],
    ['propose BTC lambda 0.9', gate('CHANGE_WITHOUT_EFFECT', /lambda belongs to ewma/)],
    ['propose BTC level_low 1,05', usage('PARAMETER_VALUE_INVALID', /"1,05" is not/)],
    [
      'propose ETH level_low 1.05 --force --reason x',
      gate('CHANGE_IN_OBSERVATION', /Change 1 .tail_low. of ETH is under observation/),
    ],
    ['propose BTC level_low 1.05 --force', usage('REASON_MISSING', /nobody here to ask/)],
    ['propose BTC level_low 1.05 --force --reason ""', usage('REASON_INVALID', /The reason is empty/)],
    ['propose BTC level_low 1.05 --evidence 9 --reason x', usage('EVIDENCE_UNKNOWN', /There is no evidence 9/)],
    // Ranges of dates.
    ['replay --from 2026-10-07 --to 2026-10-06', usage('USAGE', /range from 2026-10-07 to 2026-10-06 is empty/)],
    ['diagnose --from 2026-10-07 --to 2026-10-06', usage('USAGE', /is empty/)],
    ['journal list --from 2026-10-07 --to 2026-10-06', usage('USAGE', /is empty/)],
    ['minutes export --from 2026-10-07 --to 2026-10-06', usage('USAGE', /is empty/)],
    ['replay --from yesterday', usage('USAGE', /--from .*yesterday/)],
    ['diagnose --to 2026-13-01', usage('USAGE', /--to .*2026-13-01/)],
    ['journal list --from yesterday', usage('USAGE', /--from .*yesterday/)],
    ['minutes export --to 2026-9-1', usage('USAGE', /--to .*2026-9-1/)],
    ['shadow report --joined yesterday', usage('USAGE', /--joined .*yesterday/)],
    ['regimes at yesterday', usage('USAGE', /"yesterday" is not an instant/)],
    ['replay --days 0', usage('USAGE', /whole number of days/)],
    ['minutes status --days many', usage('USAGE', /whole number of days/)],
    ['shadow fetch --days -3', usage('USAGE', /whole number of days/)],
    // The line itself.
    ['check BTC', usage('USAGE', /Missing required argument 'parameter'/)],
    ['minutes', usage('USAGE', /needs one of its commands: status/)],
    ['replay --dayz 3', usage('USAGE', /Did you mean --days/)],
    ['replya', usage('USAGE', /Did you mean replay/)],
    ['shadow watch --uid me', usage('USAGE', /--uid must be a number/)],
  ])('%s', async (line, refusal) => {
    const cwd = aFolder()
    const before = ledgerOf(cwd)
    await expectRefusal(cwd, line, refusal)
    expect(ledgerOf(cwd)).toEqual(before)
  })
  it('check says no with exit 1 and every reason, which is an answer and no error', async () => {
    const cwd = aFolder()
    const { exitCode, lines, warnings } = await tell(cwd, 'check ETH level_low')
    expect({ exitCode, warnings }).toEqual({ exitCode: 1, warnings: [] })
    expect(lines.join(' ').replace(/\s+/g, ' ')).toContain('Change 1 (tail_low) of ETH is under observation until')
  })
})

const victim = 'BTC-3600s-20261006T050000Z'

/** As bit rot would leave it, where the recipe does not give what was served either. */
function damagePaths(db: SqliteDatabase.Database): void {
  const { id } = db.prepare('select id from predictions where id like ?').get(`${victim}%`) as { id: string }
  const blob = db.prepare('select prices from prediction_paths where prediction_id = ?').pluck().get(id) as Buffer
  blob[100]! ^= 1
  db.prepare('update prediction_paths set prices = ? where prediction_id = ?').run(blob, id)
  db.prepare('update predictions set output_hash = ? where id = ?').run('f'.repeat(64), id)
}

describe('a journal row whose blob does not match its hash', () => {
  it('is named by replay with the exit code of damaged data, and everything else is scored', async () => {
    const cwd = aFolder(damagePaths)
    await expectRefusal(cwd, 'replay --again --threads 1', {
      exitCode: 65,
      code: 'REPLAY_DAMAGED_PATHS',
      says: /The stored paths of 1 prediction are damaged, such as BTC-3600s-20261006T050000Z-/,
    })
    const { lines } = await tell(cwd, 'replay --threads 1', 0)
    const text = lines.join(' ').replace(/\s+/g, ' ')
    expect(text).toContain('the stored paths differ from those that were served: their hash is another one')
  })
  it('is refused by explain, shown by journal show, and left out of an export that says so', async () => {
    const cwd = aFolder(damagePaths)
    const says = /The paths of BTC-3600s-20261006T050000Z-.* cannot be used/
    await expectRefusal(cwd, `explain ${victim}`, { exitCode: 65, code: 'PREDICTION_UNREADABLE', says })
    expect((await tell(cwd, `journal show ${victim}`, 0)).lines.at(-1)).toMatch(/^ {2}prices {4}cannot be read: /)
    const exported = await tell(cwd, 'journal export --asset BTC --prompt high --out all.jsonl')
    expect(exported.exitCode).toBe(1)
    expect(exported.warnings.at(-2)).toMatch(
      /^JOURNAL_PRICES_MISSING: The prices of 1 of 48 predictions are no longer available[.]$/,
    )
  })
})

/** A day that was never recorded, in paths that were not put together yet. */
function loseMinutes(db: SqliteDatabase.Database): void {
  db.exec('delete from prediction_scores; delete from realized_paths')
  const { changes } = db
    .prepare("delete from minute_days where series_id in (select id from minute_series where asset = 'BTC')")
    .run()
  if (changes === 0) throw new Error('there were no minutes')
}

describe('a realised path with holes', () => {
  it('makes replay wait, with what to do, and explain say so', async () => {
    const cwd = aFolder(loseMinutes)
    await expectRefusal(cwd, 'replay --asset BTC --threads 1', {
      exitCode: 75,
      code: 'REPLAY_INCOMPLETE',
      says: /The real prices of 64 settled predictions are missing: .+/,
    })
    expect((await tell(cwd, 'replay --asset BTC --threads 1')).warnings.at(-1)).toContain('tuner minutes backfill')
    const says = /The real prices are not known: .+/
    await expectRefusal(cwd, `explain ${victim}`, { exitCode: 75, code: 'REAL_PATH_MISSING', says })
  })
})

const reading = ['current', 'history', 'minutes status', 'journal status', 'replay', 'diagnose', 'shadow']

describe('a database that is', () => {
  const fromTheFuture = () => aFolder((db) => db.exec(`insert into schema_migrations values (9999, 'later', 'x', 0)`))
  it.each(reading.filter((line) => !line.startsWith('journal')))('of a newer release: %s', async (line) => {
    const says = /holds migration 9999 .later., which this release does not know/
    await expectRefusal(fromTheFuture(), line, { exitCode: 78, code: 'STORE_NEWER', says })
  })
  it('of a newer release: what was served can be read all the same', async () => {
    expect((await tell(fromTheFuture(), 'journal status', 0)).lines[0]).toMatch(/^80 predictions/)
  })
  it('older: it is brought up to date, and read-only commands say that this has to happen first', async () => {
    const cwd = temporaryFolder()
    const older = join(cwd, 'older')
    mkdirSync(older)
    for (const file of readdirSync(migrationsDir).filter((name) => name < '0050')) {
      copyFileSync(join(migrationsDir, file), join(older, file))
    }
    openDatabase({ path: dbIn(cwd), migrationsDir: older, clock: systemClock }).close()
    await expectRefusal(cwd, 'journal status', { exitCode: 65, code: 'STORE_MISSING', says: /older/ })
    expect((await tell(cwd, 'history --verify', 0)).lines[0]).toBe('No parameter was ever changed.')
    expect((await tell(cwd, 'journal status', 0)).lines).toEqual(['The journal is empty.'])
  })
  it.each(reading)('something else: %s', async (line) => {
    const cwd = temporaryFolder()
    mkdirSync(join(cwd, 'data'))
    writeFileSync(dbIn(cwd), 'a letter, not a database. '.repeat(200))
    await expectRefusal(cwd, line, { exitCode: 65, code: 'STORE_CORRUPT', says: /miner[.]sqlite/ })
  })
  it.each(reading)('held by another program for itself: %s', { timeout: 60_000 }, async (line) => {
    const cwd = aFolder()
    const other = new SqliteDatabase(dbIn(cwd))
    other.pragma('locking_mode = exclusive')
    other.exec('begin exclusive')
    const { exitCode, warnings } = await tell(cwd, line)
    other.close()
    expect({ exitCode, warnings }).toMatchObject({ exitCode: 75 })
    expect(warnings[0]).toMatch(/^[A-Z_]+: .*(locked|another process).*[.]$/i)
    expect(warnings).toHaveLength(2)
  })
  it('written to by another program: a proposal is refused, and what only reads goes on', async () => {
    const cwd = aFolder()
    const other = new SqliteDatabase(governancePathOf(dbIn(cwd)))
    other.exec('begin immediate')
    const refused = await tell(cwd, 'propose BTC level_low 1.05 --force --reason x')
    expect([refused.exitCode, refused.warnings[0]]).toEqual([
      75,
      expect.stringMatching(/^LEDGER_BUSY: .*another process/),
    ])
    for (const line of ['current', 'history', 'journal list', 'minutes status']) await tell(cwd, line, 0)
    other.exec('rollback')
    other.close()
    expect(ledgerOf(cwd)).toHaveLength(1)
  })
})

import { appendFileSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openDatabase, openGovernanceDatabase } from '#adapters/sqlite/database'
import { SqliteLedgerStore } from '#adapters/sqlite/ledger-store'
import { SplitMix64 } from '#core/base/random/rng'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { TestClock } from '#tests/support/test-clock'
import { runTuner, splitLine } from '#tests/support/tuner-lab'
import { ImportSeedShape } from '#tuner/commands/import'

const nowMs = Date.UTC(2026, 0, 20, 12)
const clock = new TestClock(nowMs)
const migrationsDir = join(import.meta.dirname, '..', '..', 'migrations')

/** As the older miner's logger writes it: Python's JSON, spaces after colons and commas. */
function pythonJson(value: unknown): string {
  return JSON.stringify(value, null, 1).replace(/\n\s*/g, ' ')
}

function aPrediction(seed: bigint, change: Record<string, unknown> = {}): Record<string, unknown> {
  const rng = new SplitMix64(seed)
  const paths = Array.from({ length: 20 }, (_, path) => {
    let price = 95_123.45
    return Array.from({ length: 61 }, (_, k) => {
      if (k > 0 && path > 0) price *= Math.exp(0.0004 * (rng.next() + rng.next() + rng.next() - 1.5))
      return price
    })
  })
  return {
    t0: '2026-01-15T10:01:00+00:00',
    request_time: '2026-01-15T10:00:03.123456+00:00',
    asset: 'BTC',
    prompt: 'high',
    time_increment: 60,
    time_length: 3_600,
    num_simulations: 20,
    model_version: 'v1.0.0',
    parameter_hash: '0123456789abcdef',
    config_snapshot: { lambda: 0.93, df: 6, sigma_cap_daily: 0.11, shrink_high: 0.9, other: 'kept out' },
    steps: 60,
    horizon_hours: 1.0,
    logged_at: '2026-01-15T10:00:04+00:00',
    log_reason: 'volatility_spike',
    price_paths: paths,
    ...change,
  }
}

const history = {
  miner_start_date: '2025-11-20T08:00:00.123456',
  BTC_lambda: {
    date: '2025-12-10T09:00:00',
    asset: 'BTC',
    parameter: 'lambda',
    old_value: 0.94,
    new_value: 0.93,
    reason: 'Manual tuning',
  },
  SOL_df: { date: '2026-01-05T09:00:00', asset: 'SOL', parameter: 'df', old_value: 4, new_value: 5, reason: '' },
  ETH_gamma: { date: '2026-01-05T09:00:00', asset: 'ETH', parameter: 'gamma', old_value: 1, new_value: 2, reason: '' },
}
const states = {
  BTC: {
    asset: 'BTC',
    sigma2_1m: 3.6e-7,
    last_close_1m: 95_100.5,
    last_update_ts: '2026-01-20T11:58:31.5+00:00',
    lambda_val: 0.94,
    state_version: 1,
  },
  ETH: { asset: 'ETH', sigma2_1m: -1, last_close_1m: 3_300, last_update_ts: '2026-01-20T11:58:31', lambda_val: 0.93 },
}

function aSeedFolder(): string {
  const folder = temporaryFolder()
  const logs = join(folder, 'data', 'predictions', '2026-01')
  mkdirSync(logs, { recursive: true })
  mkdirSync(join(folder, 'data', 'miner_state'))
  writeFileSync(join(folder, 'data', 'miner_state', 'tuning_history.json'), pythonJson(history))
  writeFileSync(join(folder, 'data', 'miner_state', 'volatility_state.json'), pythonJson(states))
  const log = join(logs, 'predictions_2026-01-15.jsonl')
  for (const line of [aPrediction(1n), aPrediction(2n, { t0: '2026-01-15T10:16:00+00:00' })]) {
    appendFileSync(log, `${pythonJson(line)}\n`)
  }
  appendFileSync(log, `${pythonJson(aPrediction(3n)).replace(/95123.45/, 'NaN')}\n`)
  appendFileSync(log, `${pythonJson(aPrediction(4n, { time_length: 7_200 }))}\n`)
  // Killed while it wrote.
  appendFileSync(log, pythonJson(aPrediction(5n)).slice(0, 4_000))
  return folder
}

const importInto = async (cwd: string, folder: string) => {
  // An import may be the first thing that is done here.
  const words = ['import', 'seed', folder, '--json', '--db.path', 'data/miner.sqlite']
  const run = await runTuner(words, { cwd, clock })
  return { ...run, report: run.exitCode === 0 ? ImportSeedShape.parse(JSON.parse(run.lines.join('\n'))) : undefined }
}
const tell = async (cwd: string, line: string) => (await runTuner(splitLine(line), { cwd, clock })).lines

describe('tuner import seed', () => {
  it('takes over what can be used and names the rest, by file, line and reason', async () => {
    const { report } = await importInto(temporaryFolder(), aSeedFolder())
    expect(report).toMatchObject({
      predictions: { files: 1, added: 2, present: 0, refused: 3 },
      history: { found: true, changes: 2, startedAt: '2025-11-20T08:00:00.123Z', refusal: null },
      states: { found: true, added: 1 },
    })
    expect(report?.problems).toEqual([
      'tuning_history.json: ETH_gamma: there is no parameter gamma',
      'volatility_state.json: ETH: sigma2_1m cannot be used',
      expect.stringMatching(/predictions_2026-01-15.jsonl, line 3: it is not JSON/),
      expect.stringMatching(/line 4: a path has 61 prices instead of 121/),
      expect.stringMatching(/line 5: it is not JSON/),
    ])
  })

  it('adds nothing the second time, and changes nothing in the folder', async () => {
    const [cwd, folder] = [temporaryFolder(), aSeedFolder()]
    const before = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => [
      name,
      statSync(join(folder, name)).mtimeMs,
    ])
    await importInto(cwd, folder)
    const { report } = await importInto(cwd, folder)
    expect(report).toMatchObject({
      predictions: { added: 0, present: 2, refused: 3 },
      history: { changes: 0, refusal: expect.stringMatching(/entries already/) },
      states: { added: 0 },
    })
    const after = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => [
      name,
      statSync(join(folder, name)).mtimeMs,
    ])
    expect(after).toEqual(before)
  })

  it('keeps the prices to eight digits, the older model’s name and its parameters', async () => {
    const cwd = temporaryFolder()
    await importInto(cwd, aSeedFolder())
    const [first] = await tell(cwd, 'journal export --from 2026-01-15 --to 2026-01-16')
    const line = JSON.parse(first!) as Record<string, unknown> & { paths: number[][] }
    expect(line).toMatchObject({
      t0: '2026-01-15T10:01:00+00:00',
      asset: 'BTC',
      prompt: 'high',
      model_version: 'seed@v1.0.0',
      config_snapshot: { lambda: 0.93, df: 6, sigma_cap_daily: 0.11, shrink_high: 0.9, champion: { high: 'seed' } },
      log_reason: 'volatility',
    })
    const served = aPrediction(1n)['price_paths'] as number[][]
    expect(line.paths.map(({ length }) => length)).toEqual(served.map(({ length }) => length))
    for (const [p, path] of line.paths.entries()) {
      for (const [k, price] of path.entries()) expect(price).toBe(Number(served[p]![k]!.toPrecision(8)))
    }
  })

  it('lets its values and its dates count: the value is effective, and the wait of 30 days began then', async () => {
    const cwd = temporaryFolder()
    await importInto(cwd, aSeedFolder())
    expect((await tell(cwd, 'history')).join('\n')).toMatch(/Imported from the older miner: Manual tuning/)
    const currentOf = async (line: string) =>
      (JSON.parse((await tell(cwd, `check ${line} --json`)).join('\n')) as { current: number }).current
    expect([await currentOf('BTC lambda'), await currentOf('SOL df')]).toEqual([0.93, 5])
    // The waiting times count from these.
    const history = (await tell(cwd, 'history --json')).join('\n')
    expect(history).toContain('2025-12-10T09:00:00Z')
    expect(history).toContain('2026-01-05T09:00:00Z')
    const db = openGovernanceDatabase({ path: join(cwd, 'data', 'miner.sqlite'), migrationsDir, clock })
    const entries = new SqliteLedgerStore(db).read()
    db.close()
    expect(entries.map(({ kind, atMs }) => [kind, atMs])).toEqual([
      ['clock', Date.UTC(2025, 10, 20, 8, 0, 0, 123)],
      ['proposed', Date.UTC(2025, 11, 10, 9)],
      ['verdict', Date.UTC(2025, 11, 10, 9)],
      ['proposed', Date.UTC(2026, 0, 5, 9)],
      ['verdict', Date.UTC(2026, 0, 5, 9)],
    ])
  })

  it('gives an asset without a state the older one', async () => {
    const cwd = temporaryFolder()
    await importInto(cwd, aSeedFolder())
    const db = openDatabase({
      path: join(cwd, 'data', 'miner.sqlite'),
      migrationsDir,
      clock,
    })
    const row = db.prepare('select asset, part, state, seen_to_at_ms as seenToMs from volatility_states').get()
    db.close()
    expect(row).toMatchObject({ asset: 'BTC', part: 'ewma', seenToMs: Date.UTC(2026, 0, 20, 11, 57) })
  })

  it('makes no database in a folder that may be the wrong one', async () => {
    const cwd = temporaryFolder()
    const { exitCode, warnings } = await runTuner(['import', 'seed', aSeedFolder()], { cwd, clock })
    expect({ exitCode, said: warnings[0] }).toMatchObject({ exitCode: 65, said: expect.stringMatching(/no database/) })
    expect(readdirSync(cwd)).toEqual([])
  })

  it.each([
    ['an empty folder', () => temporaryFolder(), /holds nothing of the older miner/],
    ['a folder that is not there', () => join(temporaryFolder(), 'nothing'), /ENOENT/],
    ['a file', () => join(aSeedFolder(), 'data', 'miner_state', 'tuning_history.json'), /is a file/],
    [
      'a broken history',
      () => {
        const folder = aSeedFolder()
        writeFileSync(join(folder, 'data', 'miner_state', 'tuning_history.json'), '{')
        return folder
      },
      /tuning_history.json: .*JSON/,
    ],
  ])('refuses %s in a sentence, and makes no database', async (_what, folder, says) => {
    const cwd = temporaryFolder()
    const { exitCode, warnings } = await runTuner(['import', 'seed', folder()], { cwd, clock })
    expect({ exitCode, said: warnings[0] }).toMatchObject({ exitCode: 65, said: expect.stringMatching(says) })
    expect(readdirSync(cwd)).toEqual([])
  })
})

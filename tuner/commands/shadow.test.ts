import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { SqliteFieldStore } from '#adapters/sqlite/field-store'
import { dayMs, hourMs } from '#core/base/time/units'
import type { PublishedReward, PublishedScore } from '#core/market/venues/synth-api'
import { venueFailure } from '#core/market/venues/venue'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { scorePrompt } from '#core/synth/scoring/prompt-scores'
import type { FileScore } from '#core/tuning/prediction-files/prediction-file'
import type { ReplayReport } from '#core/tuning/replay/run-replay'
import type { UidRegistrations } from '#core/tuning/shadow/hands'
import type { OwnScore } from '#core/tuning/shadow/own-scores'
import type { ServedPrompt } from '#core/tuning/shadow/served-prompts'
import type { SimulatedWeight } from '#core/tuning/shadow/simulate-weights'
import { TestClock } from '#tests/support/test-clock'
import { openTestDatabase } from '#tests/support/test-database'
import { addShadowCommand } from './shadow.ts'

const nowMs = Date.UTC(2026, 7, 20)
const book = buildRegimeBook(builtInRegimes)

/** Bitcoin's day-long prompts of twelve days, an hour apart, under the rule of August 2026. */
function publishedScores(untilMs = nowMs): PublishedScore[] {
  const rows: PublishedScore[] = []
  for (let scoredAtMs = untilMs - 12 * dayMs; scoredAtMs <= untilMs; scoredAtMs += hourMs) {
    const crps = [4000, 4010, 4200, -1].map((value) => (value === -1 ? value : value + (scoredAtMs % 7)))
    const { promptScores } = scorePrompt(crps, { clip: { kind: 'none' }, fill: 'p95' })!
    crps.forEach((value, minerUid) => {
      const promptScore = promptScores[minerUid]!
      rows.push({ asset: 'BTC', timeLengthSeconds: 86_400, minerUid, crps: value, promptScore, scoredAtMs })
    })
  }
  return rows
}

function setUp(
  options: {
    published?: PublishedScore[]
    own?: OwnScore[]
    files?: FileScore[]
    rewards?: PublishedReward[]
    isDown?: boolean
    isSlow?: boolean
    registrations?: UidRegistrations
    nowMs?: number
    isJournalEmpty?: boolean
    served?: ServedPrompt[]
    forecast?: Partial<ReplayReport>
    /** The operator's own regimes, as in the file that regimes.file names. */
    regimes?: readonly unknown[]
    isPoolDown?: boolean
    /** Undefined: the venue answers 451. */
    taoUsd?: number
  } = {},
) {
  const { nowMs: ownNowMs = nowMs } = options
  const published = options.published ?? publishedScores(ownNowMs)
  const own =
    options.own ??
    [...new Set(published.map(({ scoredAtMs }) => scoredAtMs))].map((scoredAtMs) => ({
      startAtMs: scoredAtMs - dayMs,
      total: 4005,
    }))
  const db = openTestDatabase()
  const clock = new TestClock(ownNowMs)
  let calls = 0
  const updates: string[] = []
  const scoredFolders: string[] = []
  const savedRegistrations: unknown[] = []
  const run = async (...argv: string[]) => {
    const lines: string[] = []
    const program = new Command().exitOverride()
    addShadowCommand(program, {
      open: () => ({
        book:
          options.regimes === undefined
            ? book
            : buildRegimeBook(builtInRegimes, { fileName: 'regimes.yaml', content: options.regimes }),
        realised: { share: 0.6935, measuredOn: '2026-07-06' },
        store: new SqliteFieldStore(db, clock),
        api: {
          fetchScores: async ({ asset, timeLengthSeconds, fromMs, toMs }, signal) => {
            calls += 1
            if (options.isDown === true)
              return venueFailure('serverError', 'api.example/v1/scores: the API answers 502')
            if (options.isSlow === true) await clock.advance(10 * 60_000)
            if (signal?.aborted === true) return venueFailure('cancelled', 'api.example/v1/scores: cancelled')
            const rows = published.filter(
              (row) =>
                row.asset === asset &&
                row.timeLengthSeconds === timeLengthSeconds &&
                row.scoredAtMs >= fromMs &&
                row.scoredAtMs <= toMs,
            )
            return { ok: true, rows, refusedRows: 0 }
          },
          fetchRegistrations: async () => ({
            ok: true,
            rows: [{ minerUid: 4, hotkey: '5New', createdAtMs: 7 }],
            refusedRows: 0,
          }),
          fetchRewards: async () => ({ ok: true, rows: options.rewards ?? [], refusedRows: 0 }),
          fetchDailyPools: async () =>
            options.isPoolDown === true
              ? venueFailure('serverError', 'monitoring.example: HTTP 502')
              : { ok: true, rows: [{ day: '2026-08-19', usd: 10_000 }], refusedRows: 0 },
        },
        taoHistory: {
          fetchMinutes: async ({ toMs }) =>
            options.taoUsd === undefined
              ? venueFailure('geoBlocked', 'venue.example: HTTP 451')
              : {
                  ok: true,
                  ...{ coveredFromMs: 0, answeredAtMs: ownNowMs, refusedRows: 0 },
                  minutes: [{ openAtMs: toMs, close: options.taoUsd }],
                },
        },
        registrations: options.registrations,
        saveRegistrations: (rows) => void savedRegistrations.push(...rows),
        fileScores: () => options.files ?? [],
        listServed: ({ fromMs, toMs }, assets) =>
          (options.served ?? []).filter(
            ({ startAtMs, asset }) => startAtMs >= fromMs && startAtMs < toMs && (assets?.includes(asset) ?? true),
          ),
        listAssets: () => ['BTC'],
        isJournalEmpty: () => options.isJournalEmpty ?? false,
        readForecasts: ({ asset, timeLengthSeconds }, _, model) =>
          asset === 'BTC' && timeLengthSeconds === 86_400 && model === 'calibrated@1' ? own : [],
        readReceived: () => new Map(),
        readScores: ({ asset, timeLengthSeconds }) => (asset === 'BTC' && timeLengthSeconds === 86_400 ? own : []),
        close: () => {},
      }),
      scoreFolder: async (folder) => void scoredFolders.push(folder),
      forecastField: async () => ({
        ...{ model: 'calibrated@1', regime: null, listed: 290, unsettled: 0, known: 0, scored: 290, waiting: [] },
        ...{ problems: [], failures: [], left: 0, totals: [] },
        ...options.forecast,
      }),
      terminal: { write: (line) => void lines.push(line), warn: () => {}, columns: undefined, hasColor: false },
      progress: { update: (label, done, total) => void updates.push(`${label} ${done} of ${total}`), stop: () => {} },
      clock,
    })
    let error: unknown
    try {
      await program.parseAsync(['shadow', ...argv], { from: 'user' })
    } catch (caught) {
      error = caught
    }
    return { text: lines.join('\n'), lines, error }
  }
  return { run, calls: () => calls, updates, clock, scoredFolders, savedRegistrations }
}

/** As it was before the page broke it. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ')
}

describe('tuner shadow', () => {
  it('fetches what is not stored, and the second time nothing', async () => {
    const { run, calls, savedRegistrations } = setUp()
    const first = await run('fetch', '--asset', 'BTC', '--json')
    expect(first.error).toBeUndefined()
    const { fetched } = JSON.parse(first.text) as { fetched: { prompts: number }[] }
    expect(fetched[0]!.prompts).toBeGreaterThan(250)
    expect(savedRegistrations).toEqual([{ uid: 4, hotkey: '5New', registeredAtMs: 7 }])
    const before = calls()
    await run('fetch', '--asset', 'BTC')
    expect(calls()).toBe(before)
  })

  it('asks an API that is down once, and says the reason in the table', async () => {
    const { run, calls, updates } = setUp({ isDown: true })
    const { lines, error } = await run('fetch')
    expect(calls()).toBe(1)
    expect(lines.length).toBeGreaterThan(10)
    for (const line of lines.slice(1)) expect(line).toMatch(/the API answers 502$/)
    expect(error).toMatchObject({ code: 'FIELD_FETCH_FAILED' })
    expect(updates[0]).toMatch(/^public scores 0 of \d+$/)
  })
  it('ends after a quarter of an hour with what it has, and says so', async () => {
    const { run, calls } = setUp({ isSlow: true })
    const { lines, error } = await run('fetch', '--asset', 'BTC')
    expect(calls()).toBeGreaterThan(1)
    expect(lines.join(' ')).toContain('not asked within 15 minutes')
    expect(error).toMatchObject({ code: 'FIELD_FETCH_FAILED' })
    expect(Number(/BTC 1h +(\d+)|BTC 24h +(\d+)/.exec(lines.join(' '))?.slice(1).find(Boolean))).toBeGreaterThan(0)
  })

  it('tells coverage, rank, gaps and the weight by update, in 80 columns', async () => {
    const { run } = setUp()
    await run('fetch', '--asset', 'BTC')
    const { lines, text } = await run('report', '--days', '3')
    const [ranks] = lines.filter((line) => line.startsWith('BTC'))
    expect(ranks).toMatch(/^BTC {2,}\d+\/\d+ +100 % +100 % +2\/5 +\+\d\.\d +-\d\.\d +100 %$/)
    expect(text).toMatch(/Weight now, of all that miners get: \d+\.\d{3} %/)
    expect(text).toContain('no public scores are stored')
    expect(
      Math.max(...lines.filter((line) => !line.startsWith('Note')).map((line) => line.length)),
    ).toBeLessThanOrEqual(80)
  })

  it('leaves prompts out that the journal does not hold, or counts them as missed; an answer without a score is one', async () => {
    const all = publishedScores()
    const starts = [...new Set(all.map(({ scoredAtMs }) => scoredAtMs - dayMs))]
    const some = starts.filter((_, at) => at % 3 === 0).map((startAtMs) => ({ startAtMs, total: 4005 }))
    const weightsOf = async (own: OwnScore[], ...argv: string[]) => {
      const { run } = setUp({ own })
      await run('fetch', '--asset', 'BTC')
      const { text } = await run('report', '--days', '1', '--json', ...argv)
      const report = JSON.parse(text) as { competitions: { weights: SimulatedWeight[] }[] }
      return report.competitions[0]!.weights.at(-1)!
    }
    const skipped = await weightsOf(some)
    expect(skipped.missed).toBe(0)
    expect(skipped.unrecorded).toBeGreaterThan(100)
    const whole = await weightsOf(starts.map((startAtMs) => ({ startAtMs, total: 4005 })))
    // A third of the prompts says the same as all of them.
    expect(skipped.smoothedScore).toBeCloseTo(whole.smoothedScore!, -1)
    const missed = await weightsOf(some, '--unrecorded', 'miss')
    expect(missed).toMatchObject({ missed: skipped.unrecorded, unrecorded: 0 })
    expect(missed.weight).toBeLessThan(skipped.weight)
    const broken = await weightsOf(some.map((own, at) => (at === some.length - 3 ? { ...own, total: null } : own)))
    expect(broken.missed).toBe(1)
  })

  it('says what is left of the weight where an external competition is blended in', async () => {
    const { run } = setUp({ nowMs: Date.UTC(2026, 9, 20) })
    await run('fetch', '--asset', 'BTC')
    const { text } = await run('report', '--days', '2')
    const [, without, withIt] =
      /^ {2}(\d+\.\d{3}) % without, (\d+\.\d{3}) % with VHFT 10s \(25\.0 %\)/m.exec(text) ?? []
    expect(Number(withIt) / Number(without)).toBeCloseTo(0.75, 2)
    expect(text).toContain('nothing public shows whether they do')
    expect(text).toContain('Crypto 24h, 33.3 % of what miners get')
    const on = await run('report', '--days', '2', '--external', 'on')
    expect(on.text).toContain('Crypto 24h, 25.0 % of what miners get')
    expect(on.text).toContain(`Weight now, of all that miners get: ${withIt} %`)
    expect(String((await run('report', '--external', 'maybe')).error)).toContain('Allowed choices are on, off')
  })

  it('has room for a further competition that is scored elsewhere, named in the file of regimes alone', async () => {
    const further = {
      label: 'VHFT 30s',
      ...{ assets: ['ETH'], timeLengthSeconds: 30, timeIncrementSeconds: 30, windowDays: 1, beta: -4 },
      ...{ coefficient: { numerator: 1, denominator: 3 }, minParticipants: 3, maxParticipants: 64 },
      ...{ zeroScore: 'winner', degenerate: 'skip', activation: 'validatorSetting' },
    }
    const effective = { averageFrom: '2026-10-01T00:00:00Z' }
    const regimes = [
      { id: 'two-elsewhere', extends: '2026-09-22', summary: 'x', effective, external: { vhft30: further } },
    ]
    const { run } = setUp({ nowMs: Date.UTC(2026, 9, 20), regimes })
    await run('fetch', '--asset', 'BTC')
    const { text } = await run('report', '--days', '2', '--external', 'on')
    expect(text).toContain('Crypto 24h, 20.0 % of what miners get')
    expect(text.replace(/\s+/g, ' ')).toContain('with VHFT 10s (20.0 %), VHFT 30s (20.0 %), which is scored elsewhere')
  })

  it('treats a uid that changed hands as two miners, or says that this is not known', async () => {
    const uidOfBest = 0
    const registrations = {
      registeredAtMs: (uid: number) => [nowMs - (uid === uidOfBest ? 3 : 300) * dayMs],
    }
    const known = setUp({ registrations })
    await known.run('fetch', '--asset', 'BTC')
    const after = await known.run('report', '--days', '1')
    expect(after.text).toContain('1 uid changed hands; the present holder counts as a newcomer.')
    expect(after.text).not.toContain('public scores name no keys')
    const unknown = setUp()
    await unknown.run('fetch', '--asset', 'BTC')
    const before = await unknown.run('report', '--days', '1')
    expect(before.text).toContain('public scores name no keys')
    const weightIn = (text: string) => Number(/Weight now, of all that miners get: (\S+) %/.exec(text)?.[1])
    // The best is filled back for what its former holder did, so that we gain.
    expect(weightIn(after.text)).toBeGreaterThan(weightIn(before.text))
  })

  it('ranks a folder of predictions of any program', async () => {
    const starts = [...new Set(publishedScores().map(({ scoredAtMs }) => scoredAtMs - dayMs))]
    const base = {
      asset: 'BTC',
      timeLengthSeconds: 86_400,
      row: 0,
      byteCount: 1,
      modifiedAtMs: 1,
      regime: 'x',
      detail: '',
    }
    const files = starts.map(
      (startAtMs, i): FileScore => ({
        ...base,
        ...{ file: `${i}.json`, startAtMs, storage: 'float32', pathCount: 1000, realPoints: 289, realKnown: 289 },
        ...(i === 250 ? { total: null, problem: 'refused' } : { total: 3990, problem: null }),
        isPublished: true,
      }),
    )
    const unreadable: FileScore = { ...files[260]!, total: null, problem: 'unreadable' }
    const { run, scoredFolders } = setUp({ own: [], files: files.with(260, unreadable) })
    await run('fetch', '--asset', 'BTC')
    const { text, error } = await run('report', '--days', '3', '--predictions', 'my/model', '--json')
    expect(error).toBeUndefined()
    expect(scoredFolders).toEqual(['my/model'])
    const report = JSON.parse(text) as {
      model: string
      competitions: { weights: SimulatedWeight[]; assets: { medianRank: number }[] }[]
    }
    expect(report.model).toBe('my/model')
    expect(report.competitions[0]!.assets[0]!.medianRank).toBe(1)
    expect(report.competitions[0]!.weights.at(-1)).toMatchObject({ missed: 1, unrecorded: 1 })
    const shifted = setUp({ own: [], files: files.map((file) => ({ ...file, startAtMs: file.startAtMs + 1000 })) })
    await shifted.run('fetch', '--asset', 'BTC')
    expect((await shifted.run('report', '--predictions', 'x')).error).toMatchObject({
      message: 'No prediction in x starts when a scored prompt did.',
    })
    expect((await run('report', '--predictions', 'x', '--model', 'seed')).error).toMatchObject({ code: 'USAGE' })
  })

  it('ranks a model that has never served, and says what it would have earned', async () => {
    const noForecast = { reason: 'noForecast' as const, message: 'no minutes', count: 3, assets: ['ETH'], examples: [] }
    const { run } = setUp({ isJournalEmpty: true, forecast: { problems: [{ ...noForecast, fresh: 3 }] } })
    expect((await run('--forecast', 'calibrated')).error).toMatchObject({ hint: 'Run "tuner shadow fetch" first.' })
    await run('fetch', '--asset', 'BTC')
    const { text, lines } = await run('--forecast', 'calibrated', '--days', '2')
    const verdict = /With calibrated@1 you would have been 2nd of the 5 with a weight in Crypto 24h.*$/.exec(
      text.replaceAll(/\s+/g, ' '),
    )?.[0]
    const [, weight, usd] = /: weight (\S+) % of all that miners get, (\S+) USD a day/.exec(verdict ?? '') ?? []
    expect(Number(usd)).toBeCloseTo(10_000 * 0.6935 * 0.01 * Number(weight), 0)
    expect(lines.join(' ')).toContain('3 prompts of ETH without a score: no minutes')
    const json = JSON.parse((await run('--forecast', 'calibrated', '--json')).text) as {
      usdPerDay: number
      weight: number
    }
    expect(json.usdPerDay).toBeCloseTo(10_000 * 0.6935 * json.weight, 9)
    const both = await run('--forecast', 'calibrated', '--model', 'seed')
    expect(both.error).toMatchObject({
      code: 'USAGE',
      message: '--model and --forecast name different things to rank.',
    })
    const none = setUp({ own: [], isJournalEmpty: true })
    expect((await none.run()).error).toMatchObject({
      hint: 'The journal is empty. "tuner shadow --forecast calibrated" ranks a model without one.',
    })
    await none.run('fetch', '--asset', 'BTC')
    expect((await none.run('--forecast', 'calibrated')).error).toMatchObject({
      hint: expect.stringContaining('minutes backfill') as string,
    })
  })

  it('ranks a window of the past as it would have been then', async () => {
    const { run } = setUp()
    await run('fetch', '--asset', 'BTC')
    const { text } = await run('report', '--from', '2026-08-17', '--to', '2026-08-19', '--json')
    const report = JSON.parse(text) as { to: string; competitions: { weights: { updateAt: string }[] }[] }
    expect(report.to).toMatch(/^2026-08-19/)
    const updates = report.competitions[0]!.weights.map(({ updateAt }) => updateAt)
    expect(updates.at(-1)).toBe('2026-08-19T00:00:00Z')
    expect(updates[0]).toMatch(/^2026-08-17T0[0-3]/)
    expect((await run('report', '--from', '2026-08-19', '--to', '2026-08-17')).error).toMatchObject({ code: 'USAGE' })
  })

  it('names the first weight that the validator does not have, and what is missing to compare', async () => {
    const reward = {
      minerUid: 3,
      smoothedScore: 1,
      rewardWeight: 0.9,
      competitionLabel: 'Crypto 24h',
      updatedAtMs: nowMs - 8 * hourMs,
    }
    const { run } = setUp({ rewards: [reward] })
    expect((await run('verify')).text).toMatch(/Crypto 24h +0\/0 .* 1$/m)
    await run('fetch', '--days', '12')
    const { text, error } = await run('verify')
    expect(error).toMatchObject({ code: 'FIELD_WEIGHTS_DIFFER', message: expect.stringContaining('uid ') as string })
    expect(text).toContain('first difference: 2026-08-19')
  })

  it('has a row for every update of the validator, or some of them evenly, and each asset alone', async () => {
    const { run } = setUp({ taoUsd: 250 })
    await run('fetch', '--asset', 'BTC')
    interface Row {
      updateAt: string
      weight: number
      smoothedScore: number
      usdPerDay: number | null
      taoPerDay: number | null
    }
    interface Series {
      updates: number
      weights: Row[]
      assets: { asset: string; weights: Row[] }[]
    }
    const seriesOf = async (...argv: string[]) =>
      (JSON.parse((await run('report', '--days', '3', '--json', ...argv)).text) as { competitions: Series[] })
        .competitions[0]!
    // Prompts are scored once an hour, the last of the fetched ones six hours before now.
    const all = await seriesOf('--every-update')
    expect(all.weights).toHaveLength(all.updates)
    expect(all.updates).toBeGreaterThan(60)
    const hours = all.weights.slice(0, -1).map(({ updateAt }) => Date.parse(updateAt))
    for (const [i, atMs] of hours.entries()) if (i > 0) expect(atMs - hours[i - 1]!).toBe(hourMs)
    const some = await seriesOf()
    expect(some.updates).toBe(all.updates)
    expect(some.weights.length).toBeLessThanOrEqual(24)
    const whole = JSON.stringify(all.weights)
    for (const row of some.weights) expect(whole).toContain(JSON.stringify(row))
    // The only asset alone is the competition.
    expect(all.assets.map(({ asset }) => asset)).toEqual(['BTC'])
    expect(all.assets[0]!.weights.map(({ weight }) => weight)).toEqual(all.weights.map(({ weight }) => weight))
    for (const { updateAt, weight, usdPerDay, taoPerDay } of all.weights) {
      if (!updateAt.startsWith('2026-08-19')) expect([usdPerDay, taoPerDay]).toEqual([null, null])
      else {
        expect(usdPerDay).toBeCloseTo(10_000 * 0.6935 * weight, 9)
        expect(taoPerDay).toBeCloseTo(usdPerDay! / 250, 12)
      }
    }
    const { lines } = await run('report', '--days', '3', '--every-update', '--by-asset')
    expect(oneLine(lines.join('\n'))).toContain(
      'Note: no pool is published of 2026-08-17, 2026-08-18: no earnings are known of these days.',
    )
    expect(lines.filter((line) => /^2026-08-\d\d \d\d:\d\d /.test(line))).toHaveLength(2 * all.updates)
    expect(lines).toContain('BTC alone, as if Crypto 24h had no other asset')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
  })

  it('compares nothing at unequal coverage, and says so instead', async () => {
    const starts = [...new Set(publishedScores().map(({ scoredAtMs }) => scoredAtMs - dayMs))]
    const reportOf = async (own: OwnScore[], ...argv: string[]) => {
      const { run } = setUp({ own })
      await run('fetch', '--asset', 'BTC')
      const text = oneLine((await run('report', '--days', '3', ...argv)).text)
      const json = JSON.parse((await run('report', '--days', '3', '--json', ...argv)).text) as {
        weight: number
        competitions: {
          isComparable: boolean
          weights: { weight: number }[]
          assets: {
            realisedCoverage: number
            isComparable: boolean
            gapToBest: number | null
            medianRank: number | null
          }[]
        }[]
      }
      const [competition] = json.competitions
      return { text, weight: json.weight, ...competition!, asset: competition!.assets[0]! }
    }
    const known = (startAtMs: number) => ({ startAtMs, total: 4005 })
    const most = await reportOf(starts.filter((_, i) => i % 8 !== 0).map(known))
    expect(most).toMatchObject({ isComparable: true, asset: { isComparable: true, medianRank: 2 } })
    expect(most.text).not.toContain('unequal coverage')
    const third = await reportOf(starts.filter((_, i) => i % 3 === 0).map(known))
    expect(third.asset).toMatchObject({ isComparable: false, gapToBest: null, medianRank: null })
    expect(third.asset.realisedCoverage).toBeCloseTo(1 / 3, 1)
    expect([third.isComparable, third.weight]).toEqual([false, 0])
    expect(third.text).toMatch(
      /no comparison at unequal coverage; we have a score for BTC 3\d % of the prompts, the median miner 100 %/,
    )
    expect(third.text).toMatch(/no rank and no weight; our answer to 6\d % of the BTC prompts is unknown/)
    expect(third.text).toContain('Weight now, of all that miners get: 0.000 % (without Crypto 24h)')
    expect(third.text).not.toMatch(/2\/5/)
    // A known miss costs weight, as in the validator: that comparison is the validator's own.
    const missed = await reportOf(starts.filter((_, i) => i % 3 === 0).map(known), '--unrecorded', 'miss')
    expect(missed).toMatchObject({ isComparable: true, asset: { isComparable: false } })
    expect(missed.weight).toBe(missed.weights.at(-1)!.weight)
    // A newcomer answers everything from its first day on: what was before is nobody's omission.
    const late = await reportOf(starts.slice(-36).map(known))
    expect(late.asset).toMatchObject({ isComparable: true, realisedCoverage: 1 })
  })

  it('says that no earnings are known while the pools are not, and ranks all the same', async () => {
    const { run } = setUp({ isPoolDown: true })
    await run('fetch', '--asset', 'BTC')
    const { text, error } = await run('report', '--days', '2')
    expect(error).toBeUndefined()
    expect(oneLine(text)).toContain('no earnings are known: monitoring.example: HTTP 502')
    expect(text).not.toContain('USD a day')
    expect((await run('earnings')).error).toMatchObject({
      code: 'FIELD_FETCH_FAILED',
      message: expect.stringMatching(/^The pools of these days could not be fetched.*HTTP 502\.$/) as string,
    })
  })

  it('fills a newcomer back', async () => {
    const { run } = setUp()
    await run('fetch', '--asset', 'BTC')
    const weightOf = async (...argv: string[]) =>
      (JSON.parse((await run('report', '--days', '1', '--json', ...argv)).text) as { weight: number }).weight
    expect(await weightOf('--joined', '2026-08-19T00:00:00Z')).toBeLessThan(await weightOf())
  })

  it('is silent while the rules hold, and ends with an alarm when they do not', async () => {
    const { run } = setUp()
    await run('fetch', '--asset', 'BTC')
    const calm = await run('watch')
    expect(calm.error).toBeUndefined()
    expect(calm.text).toMatch(/^The clip and fill rule of their date explains (\d+) of \1 prompts[.]$/m)
    const changed = publishedScores().map((row) => (row.crps === -1 ? { ...row, promptScore: 9999 } : row))
    const other = setUp({ published: changed })
    await other.run('fetch', '--asset', 'BTC')
    const alarm = await other.run('watch')
    expect(alarm.error).toMatchObject({ code: 'FIELD_RULES_UNKNOWN' })
    expect(alarm.text).toContain('follow no known rule')
  })

  it('compares the scores of our own uid', async () => {
    const { run } = setUp()
    await run('fetch', '--asset', 'BTC')
    const { text, error } = await run('watch', '--uid', '0')
    expect(text).toContain('published scores of our uid.')
    expect(error).toMatchObject({ code: 'FIELD_RULES_UNKNOWN' })
  })

  it('says what the weight would have earned', async () => {
    const { run } = setUp()
    await run('fetch', '--asset', 'BTC')
    const { text } = await run('earnings', '--days', '3', '--json')
    const { days, problems } = JSON.parse(text) as {
      days: { poolUsd: number; weight: number; usd: number; tao: number | null; competitions: { weight: number }[] }[]
      problems: string[]
    }
    expect(days[0]!.weight).toBeGreaterThan(0)
    expect(days[0]!.usd).toBeCloseTo(10_000 * days[0]!.weight * 0.6935, 9)
    expect(days[0]!.competitions.map(({ weight }) => weight)).toEqual([days[0]!.weight])
    // No price, no TAO, and the reason.
    expect(days[0]!.tao).toBeNull()
    expect(problems).toEqual(['earnings in TAO need the price TAOUSDT: venue.example: HTTP 451'])
    const lines = oneLine((await run('earnings', '--days', '3')).text)
    expect(lines).toContain('as measured on 2026-07-06.')
    expect(lines).toContain("the owner's part of the emission changed since then")
    expect(lines).toContain('Note: earnings in TAO need the price TAOUSDT: venue.example: HTTP 451.')
  })

  it('says it in TAO of that day, by competition too', async () => {
    const { run } = setUp({ taoUsd: 250 })
    await run('fetch', '--asset', 'BTC')
    const { days } = JSON.parse((await run('earnings', '--days', '3', '--json')).text) as {
      days: { usd: number; tao: number; competitions: { label: string; usd: number; tao: number }[] }[]
    }
    expect(days[0]!.tao).toBeCloseTo(days[0]!.usd / 250, 12)
    expect(days[0]!.competitions).toMatchObject([{ label: 'Crypto 24h', usd: days[0]!.usd, tao: days[0]!.tao }])
    const { text, lines } = await run('earnings', '--days', '3')
    expect(text).toMatch(/^2026-08-19 +10000 +250\.00 +\d+\.\d{3} % +\d+\.\d\d +\d+\.\d{4}$/m)
    expect(text).toMatch(/^Crypto 24h +\d+\.\d{3} % +\d+\.\d\d +\d+\.\d{4}$/m)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
    const report = oneLine((await run('--forecast', 'calibrated', '--days', '2')).text)
    expect(report).toMatch(
      /USD a day or \d+\.\d{4} TAO of the pool of 2026-08-19, with 0\.6935 of the weight realised, as measured on 2026-07-06/,
    )
  })

  it('says what to do when the API is down, when nothing is stored or nothing was scored', async () => {
    expect((await setUp({ isDown: true }).run('fetch', '--asset', 'BTC')).error).toMatchObject({
      code: 'FIELD_FETCH_FAILED',
      message: expect.stringContaining('502') as string,
    })
    expect((await setUp().run('watch')).error).toMatchObject({ hint: 'Run "tuner shadow fetch" first.' })
    expect((await setUp({ own: [] }).run('report')).error).toMatchObject({ hint: 'Run "tuner replay" first.' })
    expect((await setUp().run('fetch', '--asset', 'DOGE')).error).toMatchObject({
      message: 'There are no prompts of DOGE today.',
    })
  })
})

describe('tuner shadow served', () => {
  const servedAt = (startAtMs: number, own: Partial<ServedPrompt> = {}): ServedPrompt => ({
    id: `BTC-86400s-${startAtMs}`,
    asset: 'BTC',
    timeLengthSeconds: 86_400,
    startAtMs,
    total: null,
    problem: null,
    ...own,
  })
  const scoredStart = nowMs - 3 * dayMs
  const served = [
    servedAt(scoredStart, { total: 4005 }),
    servedAt(scoredStart + 12 * 60_000),
    servedAt(scoredStart + hourMs + 24 * 60_000, { problem: 'lastMissing' }),
    servedAt(nowMs - hourMs),
  ]

  it('counts by asset, says each reason once, in 80 columns, and lists each prompt on demand', async () => {
    const { run } = setUp({ served })
    await run('fetch', '--asset', 'BTC')
    const { lines, text, error } = await run('served', '--uid', '1', '--days', '5')
    expect(error).toBeUndefined()
    const said = text.replace(/\s+/g, ' ')
    expect(said).toContain('scored for uid 1:')
    expect(lines.find((line) => line.startsWith('BTC'))).toMatch(/^BTC 24h +4 +1 +0 +0 +2 +1 +0$/)
    expect(said).toContain("1 left out: another of the asset's prompts in these 60 minutes was scored instead.")
    expect(said).toContain('1 left out: the venue has no price at the end: the validator scores nobody.')
    expect(said).toMatch(/\d+ scores of our uid are of prompts that the journal does not hold/)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(text).not.toContain(served[0]!.id)
    const listed = await run('served', '--uid', '1', '--days', '5', '--list')
    expect(Math.max(...listed.lines.map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(listed.text).toMatch(new RegExp(`${served[0]!.id} +scored 401\\d\\.00, replay 4005\\.00`))
  })
  it('tells without a uid who was scored at all, and as JSON each prompt', async () => {
    const { run } = setUp({ served })
    await run('fetch', '--asset', 'BTC')
    const { text } = await run('served', '--days', '5', '--json')
    const report = JSON.parse(text) as { uid: null; notInJournal: null; prompts: Record<string, unknown>[] }
    expect([report.uid, report.notInJournal]).toEqual([null, null])
    expect(report.prompts.map(({ outcome }) => outcome)).toEqual(['scored', 'leftOut', 'leftOut', 'notOver'])
    expect(report.prompts[0]).toMatchObject({ crps: null, replayed: 4005, reason: null })
  })
  it('says what to run while the public scores are not stored, and what is wrong with the question', async () => {
    const { run } = setUp({ served })
    const { text } = await run('served', '--days', '5')
    expect(text.replace(/\s+/g, ' ')).toContain('of 3 prompts are not stored or not final: run "tuner shadow fetch"')
    expect((await run('served', '--uid', '1.5')).error).toMatchObject({ code: 'USAGE' })
    expect((await run('served', '--asset', 'BTD')).error).toMatchObject({ code: 'ASSET_UNKNOWN' })
    const nothing = await setUp({ isJournalEmpty: true }).run('served')
    expect(nothing.error).toMatchObject({ code: 'NOTHING_SCORED', hint: 'The journal is empty.' })
  })
})

import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { sha256Hex } from '#adapters/files/output-file'
import { readParameterFolder } from '#adapters/files/parameter-folder'
import type { Database } from '#adapters/sqlite/database'
import { SqliteJournalReader } from '#adapters/sqlite/prediction-reader'
import { SqliteScoreStore } from '#adapters/sqlite/score-store'
import { SqliteServedAnswers } from '#adapters/sqlite/served-answers'
import { dayMs, hourMs, minuteMs } from '#core/base/time/units'
import type { PredictionRecord } from '#core/forecast/journal/prediction-record'
import { CalibratedSets } from '#core/forecast/models/states/calibrated-sets'
import type { AssetParameters } from '#core/forecast/parameters/asset-parameters'
import { defaultParameters } from '#core/forecast/parameters/default-parameters'
import { hashParameters } from '#core/forecast/parameters/parameters-hash'
import { PathKernel } from '#core/forecast/paths/kernel/path-kernel'
import { PathSampler } from '#core/forecast/paths/path-sampler'
import type { Prompt } from '#core/synth/prompts/prompt'
import type { LedgerEntry } from '#core/tuning/governance/ledger'
import { comparePairs, type PairedComparison, type PairedScore } from '#core/tuning/governance/paired-comparison'
import type { ServedAnswers } from '#core/tuning/governance/reach'
import { nameOfSpec } from '#core/tuning/replay/model-spec'
import { servedModel } from '#core/tuning/replay/prediction-score'
import { HistoryShape } from '#core/tuning/views/change-view'
import { CheckShape } from '#core/tuning/views/check-view'
import { CurrentShape } from '#core/tuning/views/current-view'
import { syntheticAssets } from '#standins/market/synthetic/synthetic-assets'
import { SyntheticMarket } from '#standins/market/synthetic/synthetic-market'
import { governanceCommands } from '#tests/support/governance-commands'
import { forecastAgain, readReal, rulesOfPrompt, scorePlainly, walkEwma } from '#tests/support/plain-replay'
import { closedMarket, labRequest, openLabDatabase } from '#tests/support/replay-lab'
import { folderForAll } from '#tests/support/temporary-folder'
import { TestClock } from '#tests/support/test-clock'
import { openGovernanceOf } from '#tests/support/test-database'
import { promptLeadMs, startVirtualMiner, type VirtualMiner } from '#tests/support/virtual-miner'
import { openReplay } from '#tuner/compose-replay'
import { TunerConfig } from '#tuner/config'

/*
 * Forty-five days of a miner in a minute: prompts, answers, scores, and one change of a parameter from the first no to
 * its end. The chapters are tests that follow on each other. VOLCAST_TEST_SHOW=1 prints the story.
 *
 * The market is wild: BTC moves by 23 % a day, and the default cap takes everything beyond 10 % for a mistake. This miner
 * has no calibrated files of BTC and no pooled ones, so the ladder falls back to the EWMA, and that cap is in everything
 * it serves. A higher one helps. Nothing that is done to BTC may reach ETH.
 */
const packageRoot = join(import.meta.dirname, '..', '..')
const startMs = Date.UTC(2026, 9, 1)
const minuteDaysBefore = 5
const assets = ['BTC', 'ETH']
const pathCount = 100
/** A candle that bears witness of the last one, and the time to store both. */
const settledAfterMs = 180_000

const before = defaultParameters('BTC')
const after: AssetParameters = { ...before, sigmaCapDaily: 0.11 }
const hashBefore = hashOf(before)
const hashAfter = hashOf(after)
const reason = ['--reason', 'the cap cuts what the market does']

let db: Database
let miner: VirtualMiner
let tuner: ReturnType<typeof governanceCommands>
let replay: ReturnType<typeof openReplay>
let scores: SqliteScoreStore
let reader: SqliteJournalReader
let sampler: PathSampler
let clock: TestClock
const asked: Prompt[] = []
/** The miner looks every day; fewer looks see the same. The observation ends within day 29. */
const lookDays = [16, 17, 18, 20, 22, 24, 26, 28, 30]
/** What `tuner observe` saw, by the time it looked. */
const looks: { readonly atMs: number; readonly comparison: PairedComparison }[] = []
let proposedAtMs = 0
let effectiveAtMs = 0
let revertedAtMs = 0

function hashOf(parameters: AssetParameters): string {
  return hashParameters(parameters, sha256Hex)
}

/** The published parameters, but for these files. */
function setsWithout(...fileNames: readonly string[]): CalibratedSets {
  const folder = folderForAll()
  cpSync(join(packageRoot, 'models', 'published', 'calibrated'), folder, { recursive: true })
  for (const fileName of fileNames) rmSync(join(folder, fileName))
  return new CalibratedSets([readParameterFolder(folder, 'published')], sha256Hex)
}

function day(count: number, extraMs = 0): number {
  return startMs + count * dayMs + extraMs
}

function tell(...lines: readonly string[]): void {
  if (process.env['VOLCAST_TEST_SHOW'] !== '1') return
  const age = (clock.nowMs() - startMs) / dayMs
  for (const line of lines) console.log(`day ${age.toFixed(3).padStart(6)}  ${line}`)
}

function promptsBetween(fromMs: number, toMs: number): Prompt[] {
  const prompts: Prompt[] = []
  for (let atMs = Math.ceil(fromMs / hourMs) * hourMs; atMs < toMs; atMs += hourMs) {
    const hour = (atMs - startMs) / hourMs
    const startAtSeconds = atMs / 1000
    if (hour % 2 === 0) prompts.push({ asset: 'BTC', startAtSeconds, lengthSeconds: 3_600, stepSeconds: 60, pathCount })
    if (hour % 12 !== 0) continue
    for (const asset of assets) {
      prompts.push({ asset, startAtSeconds, lengthSeconds: 86_400, stepSeconds: 300, pathCount })
    }
  }
  return prompts
}

async function ask(prompt: Prompt): Promise<string> {
  const answer = await miner.answer(prompt)
  if (!answer.ok) throw new Error(answer.detail)
  asked.push(prompt)
  return String(answer.facts?.['predictionId'])
}

/** Every prompt that comes until then is answered when it comes. */
async function liveUntil(atMs: number): Promise<void> {
  for (const prompt of promptsBetween(clock.nowMs() + promptLeadMs + 1, atMs + promptLeadMs)) {
    const comesAtMs = prompt.startAtSeconds * 1000 - promptLeadMs
    if (comesAtMs > clock.nowMs()) await miner.advanceTo(comesAtMs)
    await ask(prompt)
  }
  await miner.advanceTo(atMs)
}

/** An hour of BTC, asked for right now. */
async function askNow(): Promise<PredictionRecord> {
  const startAtSeconds = Math.ceil(clock.nowMs() / minuteMs + 1) * 60
  const id = await ask({ asset: 'BTC', startAtSeconds, lengthSeconds: 3_600, stepSeconds: 60, pathCount })
  return reader.find(id)!
}

async function command(...words: string[]) {
  const run = await tuner.run(...words)
  tell(`$ tuner ${words.join(' ')}`, ...run.lines.map((line) => `  ${line}`))
  if (run.error !== '') tell(`  ${run.error} (exit ${run.exitCode})`)
  return run
}

function ofBtc(fromMs: number, toMs: number): readonly PredictionRecord[] {
  return reader.list({ assets: ['BTC'], fromMs, toMs })
}

/** The validator scores nobody where its last price is missing. */
function isScored(record: PredictionRecord, atMs: number): boolean {
  const endMs = (record.prompt.startAtSeconds + record.prompt.lengthSeconds) * 1000
  return endMs + settledAfterMs <= atMs && !Number.isNaN(readReal(miner.minutes, record).at(-1))
}

function evidenceModel(parameters: AssetParameters): string {
  const { champion, blend, ...numbers } = parameters
  const copied = { champion: { ...champion }, blend: { low: { ...blend.low }, high: { ...blend.high } } }
  return nameOfSpec(
    { model: 'ewma', parameters: { ...numbers, ...copied }, sets: replay.setsHash, files: {} },
    sha256Hex,
  )
}

/** From the table of scores, by hand. */
function pairsOf(old: AssetParameters, fresh: AssetParameters, fromMs: number, atMs: number): PairedScore[] {
  const totals = [old, fresh].map((parameters) => {
    const rows = scores.listTotals({ model: evidenceModel(parameters), fromMs, toMs: atMs })
    return new Map(rows.map((row) => [row.predictionId, row.total]))
  })
  return ofBtc(fromMs, atMs)
    .filter((record) => isScored(record, atMs))
    .map(({ id, prompt }) => ({
      startAtMs: prompt.startAtSeconds * 1000,
      timeLengthSeconds: prompt.lengthSeconds,
      oldScore: totals[0]!.get(id)!,
      newScore: totals[1]!.get(id)!,
    }))
}

function expectComparison(found: PairedComparison, pairs: readonly PairedScore[]): void {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  const lengths = [...new Set(pairs.map((pair) => pair.timeLengthSeconds))].sort((a, b) => a - b)
  const byHand = lengths.map((timeLengthSeconds) => {
    const own = pairs.filter((pair) => pair.timeLengthSeconds === timeLengthSeconds)
    const [oldMean, newMean] = [mean(own.map((pair) => pair.oldScore)), mean(own.map((pair) => pair.newScore))]
    const days = new Set(own.map(({ startAtMs }) => Math.floor(startAtMs / dayMs))).size
    return { timeLengthSeconds, count: own.length, days, oldMean, newMean, meanDifference: newMean - oldMean }
  })
  expect(found.horizons).toMatchObject(byHand)
  expect([found.count, found.horizons.length]).toEqual([pairs.length, byHand.length])
  expect(found.days).toBe(new Set(pairs.map(({ startAtMs }) => Math.floor(startAtMs / dayMs))).size)
  expect(found.relativeDifference).toBe(mean(byHand.map(({ oldMean, meanDifference }) => meanDifference / oldMean)))
  expect(found).toEqual(comparePairs(pairs, found.level === 0.95 ? 0.95 : 0.99))
}

beforeAll(async () => {
  const dbPath = join(folderForAll(), 'miner.sqlite')
  clock = new TestClock(startMs)
  const daemonDb = openLabDatabase(dbPath)
  db = openLabDatabase(dbPath)
  afterAll(() => {
    db.close()
    daemonDb.close()
  })
  const wild = syntheticAssets.map((asset) => (asset.name === 'BTC' ? { ...asset, minuteVolBps: 60 } : asset))
  const market = new SyntheticMarket({ seed: 45n, originMs: startMs - minuteDaysBefore * dayMs, assets: wild })
  miner = await startVirtualMiner({
    db: daemonDb,
    dbPath,
    clock,
    market,
    assets,
    sets: setsWithout('BTC.high.json', 'BTC.low.json', 'POOL.high.json', 'POOL.low.json'),
  })
  afterAll(() => miner.stop())
  const config = TunerConfig.parse({ db: { path: dbPath }, market: closedMarket })
  const replayClock = { ...systemClock, nowMs: () => clock.nowMs() }
  replay = openReplay({ clock: replayClock, config, packageRoot, log: miner.log, threads: 2 }, {})
  afterAll(() => replay.close())
  const governance = openGovernanceOf(dbPath)
  afterAll(() => void governance.close())
  const journal = new SqliteServedAnswers(db)
  const served: ServedAnswers = {
    lastServed: (asset, horizon, count) => journal.lastServed(asset, horizon, count),
    isAsked: () => true,
    isCalibrated: (asset) => asset !== 'BTC',
  }
  tuner = governanceCommands({ db: governance, clock, scores: replay.pairs, assets, served })
  scores = new SqliteScoreStore(db)
  const kernel = new PathKernel()
  sampler = new PathSampler(kernel)
  reader = new SqliteJournalReader(db, { sampler, writePrices: kernel.writePrices.bind(kernel) })
}, 60_000)

describe('forty-five days', { timeout: 180_000 }, () => {
  let hasFailed = false
  beforeEach(({ skip }) => skip(hasFailed, 'an earlier chapter failed'))
  afterEach(({ task }) => {
    hasFailed ||= task.result?.state === 'fail'
  })

  it('day 5: a proposal comes too early, and leaves nothing behind', async () => {
    await liveUntil(day(5))
    const head = tuner.ledger.head()
    const refused = await command('propose', 'BTC', 'sigma_cap_daily', '0.11', ...reason)
    expect(refused.exitCode).toBe(1)
    expect(refused.error).toBe(
      'CHANGE_TOO_EARLY: The miner first ran on 2026-10-01; the first change may come 14 days later, on 2026-10-15 00:00 UTC.',
    )
    expect(tuner.ledger.head()).toEqual(head)
    expect(head.id).toBe(0)
    expect(tuner.store.findEvidence(1)).toBeUndefined()
    expect((await tuner.json(CheckShape, 'check', 'BTC', 'sigma_cap_daily')).eligibleAt).toBe('2026-10-15T00:00:00Z')
  })

  it('day 14: it would be heard from the fourteenth day on, not a millisecond earlier', async () => {
    await liveUntil(day(14, -1))
    expect(await command('check', 'BTC', 'sigma_cap_daily')).toMatchObject({ exitCode: 1 })
    await liveUntil(day(14))
    expect(await command('check', 'BTC', 'sigma_cap_daily')).toMatchObject({ exitCode: 0 })
  })

  it('day 15: what was served is scored as the validator scores it', async () => {
    await liveUntil(day(15, 620_000))
    const { report } = await replay.run(await labRequest(replay, { filter: { toMs: clock.nowMs() } }), {})
    const records = reader.list({})
    expect(records).toHaveLength(asked.length)
    const scored = records.filter((record) => isScored(record, clock.nowMs()))
    const unsettled = records.filter(
      ({ prompt }) => (prompt.startAtSeconds + prompt.lengthSeconds) * 1000 + settledAfterMs > clock.nowMs(),
    )
    expect(report).toMatchObject({ listed: records.length, unsettled: unsettled.length, failures: [] })
    const rows = scores.listTotals({ model: servedModel })
    expect(rows.filter(({ total }) => total !== null)).toHaveLength(scored.length)
    tell(`${records.length} predictions, ${scored.length} scored, ${unsettled.length} not settled yet`)
    expectPlainScores(scored.filter((_, i) => i % 10 === 0))
  })

  it('day 15: evidence speaks against one change and for another, and every number of it can be found again', async () => {
    const nowMs = clock.nowMs()
    const worse = await command('propose', 'BTC', 'sigma_cap_daily', '0.09', ...reason)
    expect([worse.exitCode, worse.error.split(':')[0]]).toEqual([1, 'EVIDENCE_NOT_CONVINCING'])
    expect(tuner.ledger.head().id).toBe(0)

    const accepted = await command('propose', 'BTC', 'sigma_cap_daily', '0.11', ...reason)
    expect(accepted).toMatchObject({ exitCode: 0, error: '' })
    expect(accepted.lines[0]).toBe('Change 1: sigma_cap_daily of BTC from 0.1 to 0.11.')
    expect(accepted.text).toContain('The miner applies it at 2026-10-16 00:11 UTC')
    proposedAtMs = nowMs
    effectiveAtMs = day(15, 660_000)

    const fromMs = nowMs - 30 * dayMs
    const rejected = tuner.store.findEvidence(1)!.comparison
    expectComparison(rejected, pairsOf(before, { ...before, sigmaCapDaily: 0.09 }, fromMs, nowMs))
    expect(rejected.interval[1]).toBeGreaterThan(0)
    const evidence = tuner.store.findEvidence(2)!
    expect(evidence).toMatchObject({ oldValue: 0.1, newValue: 0.11, fromMs, toMs: nowMs, madeAtMs: nowMs })
    expectComparison(evidence.comparison, pairsOf(before, after, fromMs, nowMs))
    expect(evidence.comparison.interval[1]).toBeLessThan(0)
    const [entry] = tuner.ledger.read()
    expect(entry).toMatchObject({
      ...{ kind: 'proposed', atMs: nowMs },
      body: { isForced: false, effectiveAtMs, evidence: { id: 2, comparison: evidence.comparison } },
    })

    // Both sides forecast once more from the minutes that were known, and scored by the readable reference.
    const own = ofBtc(startMs, nowMs)
    const known = walkEwma(miner.minutes, own, { fromMs: startMs - minuteDaysBefore * dayMs, lambda: before.lambda })
    for (const record of own.filter((each, i) => i % 12 === 0 && isScored(each, nowMs))) {
      for (const parameters of [before, after]) {
        const paths = forecastAgain(sampler, record, known.get(record.id)!, parameters)
        expectScore(record, evidenceModel(parameters), scorePlainly(miner.minutes, record, paths))
      }
    }
  })

  it('day 15: the miner takes it at the next full minute, and only BTC', async () => {
    await miner.advanceTo(effectiveAtMs - 1)
    const last = await askNow()
    expect(last).toMatchObject({ rung: 'ewma', model: { name: 'ewma', parametersHash: hashBefore } })
    await miner.advanceTo(effectiveAtMs)
    const first = await askNow()
    expect(first).toMatchObject({ rung: 'ewma', model: { name: 'ewma', parametersHash: hashAfter, parameters: after } })
    expect(tuner.ledger.read().slice(1)).toMatchObject([
      { kind: 'applied', changeId: 1, atMs: effectiveAtMs, body: { what: 'change', revision: 1 } },
    ])
    tell(`applied: parameters ${hashBefore} until the minute, ${hashAfter} from it on`)
    const current = await tuner.json(CurrentShape, 'current')
    const capOf = (asset: string) =>
      current.assets.find((own) => own.asset === asset)!.parameters.find((own) => own.parameter === 'sigma_cap_daily')
    expect(capOf('BTC')).toMatchObject({ value: 0.11, source: 'trial', changeId: 1 })
    expect(capOf('ETH')).toMatchObject({ source: 'default', changeId: null })
  })

  it('days 16 to 30: it is observed, nothing else of BTC may change, and the verdict comes when it is over', async () => {
    for (const count of lookDays) {
      await liveUntil(day(count, 300_000))
      const length = tuner.ledger.read().length
      const run = await command('observe')
      expect(run).toMatchObject({ exitCode: 0, lines: ['1 new entry; see "tuner history".'] })
      const entry = tuner.ledger.read()[length]!
      looks.push({ atMs: clock.nowMs(), comparison: comparisonOf(entry) })
      tell(`  ${entry.kind}: ${JSON.stringify({ ...entry.body, comparison: undefined })}`)
      if (count === 20) {
        const refused = await command('propose', 'BTC', 'df', '6', ...reason)
        expect(refused.exitCode).toBe(1)
        expect(refused.error).toContain(
          'CHANGE_IN_OBSERVATION: Change 1 (sigma_cap_daily) of BTC is under observation until 2026-10-30 00:11 UTC',
        )
        expect(tuner.ledger.read()).toHaveLength(length + 1)
        expect(tuner.store.findEvidence(3)).toBeUndefined()
      }
    }
    for (const { atMs, comparison } of looks) {
      expectComparison(comparison, pairsOf(before, after, effectiveAtMs, atMs))
    }
    expect(looks.map(({ comparison }) => comparison.level)).toEqual([...Array<number>(8).fill(0.99), 0.95])
    const { changes } = await tuner.json(HistoryShape, 'history')
    expect(changes).toMatchObject([
      {
        status: 'kept',
        observedUntil: '2026-10-30T00:11:00Z',
        verdicts: [{ decision: 'kept', by: 'daemon', at: '2026-10-31T00:05:00Z', effectiveAt: null }],
      },
    ])
    expect(changes[0]!.observations).toHaveLength(8)
  })

  it('day 33: it is undone, and the previous value is effective from the next full minute on', async () => {
    await liveUntil(day(33, 9.5 * hourMs + 30_000))
    const run = await command('revert', '1', '--reason', 'the story wants it')
    revertedAtMs = day(33, 9.5 * hourMs + 60_000)
    expect(run).toMatchObject({
      exitCode: 0,
      lines: ['Change 1 is undone: sigma_cap_daily of BTC is 0.1 from 2026-11-03 09:31 UTC on.'],
    })
    await miner.advanceTo(revertedAtMs - 1)
    expect((await askNow()).model).toMatchObject({ parametersHash: hashAfter })
    await miner.advanceTo(revertedAtMs)
    expect((await askNow()).model).toMatchObject({ parametersHash: hashBefore, parameters: before })
    expect(tuner.ledger.read().slice(-2)).toMatchObject([
      { kind: 'verdict', body: { decision: 'reverted', by: 'operator', effectiveAtMs: revertedAtMs } },
      { kind: 'applied', atMs: revertedAtMs, body: { what: 'revert', revision: 2 } },
    ])
    expect(await command('revert', '1', '--reason', 'twice')).toMatchObject({ exitCode: 1 })
  })

  it('day 45: thirty days after the change the next one may come, and another of the cap after a quarter', async () => {
    const untilMs = proposedAtMs + 30 * dayMs
    const obstaclesOf = async (parameter: string) =>
      (await tuner.json(CheckShape, 'check', 'BTC', parameter)).obstacles.map(({ kind, until }) => [kind, until])
    const [inThirtyDays, inAQuarter] = [
      ['betweenChanges', '2026-11-15T00:10:20Z'],
      ['quarterly', '2027-01-14T00:10:20Z'],
    ]
    await liveUntil(untilMs - 1)
    expect(await command('check', 'BTC', 'df')).toMatchObject({ exitCode: 1 })
    expect(await obstaclesOf('df')).toEqual([inThirtyDays])
    expect(await obstaclesOf('sigma_cap_daily')).toEqual([inThirtyDays, inAQuarter])
    await liveUntil(untilMs)
    expect(await command('check', 'BTC', 'df')).toMatchObject({ exitCode: 0 })
    expect(await obstaclesOf('sigma_cap_daily')).toEqual([inAQuarter])
  })

  it('in the end the ledger is a sound chain of everything that was done', async () => {
    const run = await command('history', '--verify')
    const { verification } = await tuner.json(HistoryShape, 'history', '--verify')
    expect(verification).toEqual({
      ...{ isSound: true, entryCount: 13, headHash: tuner.ledger.head().hash, problems: [] },
    })
    expect(run.exitCode).toBe(0)
    expect(tuner.ledger.read().map(({ kind }) => kind)).toEqual([
      ...['proposed', 'applied', ...Array<string>(8).fill('observed')],
      ...['verdict', 'verdict', 'applied'],
    ])
    let previousHash = ''
    for (const row of tuner.ledger.readRows()) {
      if (previousHash !== '') expect(row.previousHash).toBe(previousHash)
      previousHash = row.hash
    }
  })

  it('in the end every prediction is in the journal with the parameters of its minute', async () => {
    const records = reader.list({})
    expect(records.map(({ prompt }) => prompt)).toHaveLength(asked.length)
    expect(new Set(records.map(({ id }) => id)).size).toBe(asked.length)
    const ethHash = hashOf(defaultParameters('ETH'))
    for (const { prompt, madeAtMs, model, rung, isDegraded } of records) {
      const isChanged = madeAtMs >= effectiveAtMs && madeAtMs < revertedAtMs
      const expected = prompt.asset === 'ETH' ? ethHash : isChanged ? hashAfter : hashBefore
      expect([model.parametersHash, hashOf(model.parameters), isDegraded]).toEqual([expected, expected, false])
      expect([rung, model.name]).toEqual(prompt.asset === 'BTC' ? ['ewma', 'ewma'] : ['champion', 'calibrated'])
    }
    // The served variance is what the earlier minutes give, within the cap that was in force.
    const own = ofBtc(startMs, clock.nowMs() + dayMs)
    const known = walkEwma(miner.minutes, own, { fromMs: startMs - minuteDaysBefore * dayMs, lambda: before.lambda })
    let capped = 0
    for (const { id, madeAtMs, prompt, recipe } of own) {
      const isChanged = madeAtMs >= effectiveAtMs && madeAtMs < revertedAtMs
      const minutes = prompt.stepSeconds / 60
      const largest = ((isChanged ? 0.11 : 0.1) ** 2 * minutes) / 1440
      const variance = Math.min(known.get(id)! * minutes, largest)
      const [{ process }] = recipe.forecast
      expect(process.stepVariances[0]).toBe(variance * (prompt.lengthSeconds === 3_600 ? 0.9 ** 2 : 1))
      if (variance === largest) capped += 1
    }
    tell(`the cap was reached by ${capped} of ${own.length} answers for BTC`)
    expect(capped).toBeGreaterThan(own.length / 2)
  })

  it('in the end all that is settled has its score, and nothing went wrong on the way', async () => {
    const nowMs = clock.nowMs()
    const { report } = await replay.run(await labRequest(replay, { filter: { toMs: nowMs } }), {})
    const scored = reader.list({}).filter((record) => isScored(record, nowMs))
    const rows = scores.listTotals({ model: servedModel })
    const withScore = rows.filter(({ total }) => total !== null).map(({ predictionId }) => predictionId)
    expect(withScore.sort().join('\n')).toBe(
      scored
        .map(({ id }) => id)
        .sort()
        .join('\n'),
    )
    expect(report).toMatchObject({ failures: [], left: 0 })
    for (const { problem, total } of rows) expect(problem).toBe(total === null ? 'lastMissing' : null)
    expectPlainScores(scored.filter((_, i) => i % 25 === 0))
    expect(miner.bugs).toEqual([])
    tell(`${asked.length} prompts answered, ${scored.length} scored`)
  })
})

function comparisonOf(entry: LedgerEntry): PairedComparison {
  const comparison = entry.kind === 'observed' || entry.kind === 'verdict' ? entry.body.comparison : null
  if (comparison === null) throw new Error(`entry ${entry.id} compares nothing`)
  return comparison
}

function expectPlainScores(records: readonly PredictionRecord[]): void {
  expect(records.length).toBeGreaterThan(20)
  for (const record of records) {
    const reading = reader.readPaths(record.id)
    if (!reading.ok) throw new Error(reading.detail)
    expectScore(record, servedModel, scorePlainly(miner.minutes, record, reading.paths))
  }
}

function expectScore({ id, prompt }: PredictionRecord, model: string, expected: number): void {
  const rows = scores.findScores(id).filter((row) => row.model === model)
  expect(rows.map(({ regime }) => regime)).toEqual([rulesOfPrompt(prompt).regimeId])
  const { outcome } = rows[0]!
  if (outcome.kind !== 'scored') throw new Error(outcome.problem)
  // The kernel adds in another order than the reference.
  expect(Math.abs(outcome.total / expected - 1)).toBeLessThan(1e-12)
}

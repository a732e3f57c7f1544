import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import type { Database } from '#adapters/sqlite/database'
import { SqliteMinuteStore } from '#adapters/sqlite/minute-store'
import { SqliteJournalReader } from '#adapters/sqlite/prediction-reader'
import { SqliteScoreStore } from '#adapters/sqlite/score-store'
import { dayMs, minuteMs } from '#core/base/time/units'
import { defaultParameters } from '#core/forecast/parameters/default-parameters'
import { PathKernel } from '#core/forecast/paths/kernel/path-kernel'
import { PathSampler } from '#core/forecast/paths/path-sampler'
import { dayOf, decodeDay, slotOf } from '#core/market/minutes/minute-day'
import { resolvePrediction } from '#core/synth/regimes/prediction'
import { AnswerScorer } from '#core/synth/scoring/answer-scorer'
import { predictionRuleOf } from '#core/synth/scoring/prediction-rule'
import { comparePairs } from '#core/tuning/governance/paired-comparison'
import { scorePaths } from '#core/tuning/replay/score-day'
import { madeBook, madeSources } from '#tests/support/made-journal'
import { harManifest, placeModel } from '#tests/support/onnx-models'
import {
  copyJournal,
  dumpScores,
  labNowMs,
  labStartAtMs,
  makeLabJournal,
  openLab,
  openLabDatabase,
  replayLab,
} from '#tests/support/replay-lab'
import { startScriptedServer } from '#tests/support/scripted-server'
import { folderForAll, temporaryFolder } from '#tests/support/temporary-folder'

let journal = ''
let predictions = 0
/** Scored in one go. */
let whole: string[] = []

beforeAll(async () => {
  journal = join(folderForAll(), 'journal.sqlite')
  predictions = makeLabJournal(journal)
}, 120_000)

async function wholeTable(): Promise<string[]> {
  if (whole.length > 0) return whole
  const copy = copyJournal(journal)
  const { report } = await replayLab(copy, {}, { threads: 2 })
  expect(report).toMatchObject({ listed: predictions, scored: predictions, unsettled: 0, waiting: [], problems: [] })
  whole = dumpScores(copy)
  return whole
}

/** Overwrites minutes of the scored series: a close, NaN (no candle) or 0 (never asked). */
function setMinutes(db: Database, asset: string, openAtMs: readonly number[], value: number): void {
  const { series } = madeSources(asset, labStartAtMs, labStartAtMs)!
  for (const atMs of openAtMs) {
    const where = `series_id = (select id from minute_series where asset = ? and symbol = ?) and day = ?`
    const own = [asset, series.symbol, dayOf(atMs)]
    const stored = db.prepare(`select slots from minute_days where ${where}`).pluck().get(own) as Buffer
    const slots = decodeDay(stored)
    slots[slotOf(atMs)] = value
    db.prepare(`update minute_days set slots = ? where ${where}`).run(Buffer.from(slots.buffer), ...own)
  }
}

function firstOf(db: Database, asset: string, lengthSeconds: number): { id: string; startAtMs: number } {
  return db
    .prepare(
      `select id, start_at_ms as startAtMs from predictions where asset = ? and time_length_seconds = ?
        order by start_at_ms limit 1`,
    )
    .get(asset, lengthSeconds) as { id: string; startAtMs: number }
}

function withDatabase<T>(path: string, look: (db: Database) => T): T {
  const db = openLabDatabase(path)
  try {
    return look(db)
  } finally {
    db.close()
  }
}

describe('replay', () => {
  it('writes the scores that the validator would store', async () => {
    await wholeTable()
    const copy = copyJournal(journal)
    await replayLab(copy)
    withDatabase(copy, (db) => {
      const kernel = new PathKernel()
      const tools = { sampler: new PathSampler(kernel), writePrices: kernel.writePrices.bind(kernel) }
      const reader = new SqliteJournalReader(db, tools)
      const minutes = new SqliteMinuteStore(db, systemClock)
      const scores = new SqliteScoreStore(db)
      const scorer = new AnswerScorer()
      for (const record of reader.list({})) {
        const { asset, startAtSeconds, lengthSeconds, stepSeconds } = record.prompt
        const startAtMs = startAtSeconds * 1000
        const rules = resolvePrediction(madeBook, { asset, startAtMs, timeLengthSeconds: lengthSeconds })
        const { series } = madeSources(asset, startAtMs, startAtMs)!
        const closes = minutes.readCloses({ asset, ...series }, startAtMs, startAtMs + lengthSeconds * 1000)
        const real = closes.filter((_, i) => i % (stepSeconds / 60) === 0)
        const reading = reader.readPaths(record.id)
        if (!reading.ok) throw new Error(reading.detail)
        const expected = scorePaths(scorer, reading.paths, real, predictionRuleOf(rules, 'increments'))
        const [row] = scores.findScores(record.id)
        expect(row).toMatchObject({
          regime: rules.scoring.decision.regimeId,
          model: 'served',
          competition: rules.scoring.competition.key,
          outcome: expected,
        })
      }
    })
  })

  it('leaves the table as it is when there is nothing new, times included', async () => {
    const copy = copyJournal(journal)
    await replayLab(copy)
    const before = dumpScores(copy, { withTime: true })
    const { report } = await replayLab(copy, {}, { nowMs: labNowMs + dayMs })
    expect(report).toMatchObject({ known: predictions, scored: 0 })
    const { report: again } = await replayLab(copy, { again: true })
    expect(again).toMatchObject({ known: 0, scored: predictions })
    expect(dumpScores(copy, { withTime: true })).toEqual(before)
  })

  it('makes the same table piece by piece as in one run', async () => {
    const copy = copyJournal(journal)
    const cutMs = labStartAtMs + 0.7 * dayMs
    await replayLab(copy, { filter: { assets: ['XAU'], fromMs: labStartAtMs, toMs: cutMs } })
    await replayLab(copy, { filter: { timeLengthSeconds: 3_600, fromMs: cutMs, toMs: labNowMs } }, { threads: 2 })
    await replayLab(copy, { competition: 'crypto-24h' })
    // A day on which not everything is settled yet.
    await replayLab(copy, {}, { nowMs: labStartAtMs + 1.5 * dayMs })
    const { report } = await replayLab(copy)
    expect(report.scored).toBeGreaterThan(0)
    expect(dumpScores(copy)).toEqual(await wholeTable())
  })

  it('does not touch what is not settled', async () => {
    const copy = copyJournal(journal)
    const nowMs = labStartAtMs + 1.5 * dayMs
    const { report } = await replayLab(copy, {}, { nowMs })
    expect(report.unsettled).toBeGreaterThan(0)
    withDatabase(copy, (db) => {
      const last = db.prepare('select max(start_at_ms + time_length_seconds * 1000) from prediction_scores').pluck()
      expect(last.get()).toBeLessThanOrEqual(nowMs - 180_000)
    })
  })

  it('files scores under the rules of an override beside those of the date', async () => {
    const copy = copyJournal(journal)
    await replayLab(copy)
    await replayLab(copy, { regime: '2026-09-cap', filter: { assets: ['BTC'], timeLengthSeconds: 3_600 } })
    const rows = dumpScores(copy).map((row) => JSON.parse(row) as Record<string, unknown>)
    const ours = rows.filter(({ regime }) => regime === '2026-09-cap')
    expect(ours).toHaveLength(48)
    // Before 2026-09-22 an hour had no volatility term.
    expect(ours.every(({ volatility_part }) => volatility_part === null)).toBe(true)
    expect(rows.filter(({ regime }) => regime === '2026-09-22')).toHaveLength(predictions)
  })

  it('forecasts again with another model, the same piece by piece as in one go', async () => {
    const makeMinutes = { minuteDaysBefore: 3 }
    const path = join(folderForAll(), 'with-minutes.sqlite')
    makeLabJournal(path, makeMinutes)
    const [once, pieces] = [copyJournal(path), copyJournal(path)]
    const model = 'ewma:lambda=0.93'
    const { report } = await replayLab(once, { model }, { threads: 2 })
    expect(report).toMatchObject({ model, scored: predictions, problems: [] })
    const noonMs = labStartAtMs + 0.5 * dayMs
    await replayLab(pieces, { model, filter: { fromMs: noonMs, toMs: labNowMs } })
    await replayLab(pieces, { model, filter: { timeLengthSeconds: 3_600 } })
    await replayLab(pieces, { model })
    expect(dumpScores(pieces)).toEqual(dumpScores(once))
  })
})

describe('evidence for a change', () => {
  it('forecasts the prompts of the journal with both parameter sets, and pairs them', async () => {
    const path = join(folderForAll(), 'evidence.sqlite')
    makeLabJournal(path, { minuteDaysBefore: 3, assets: ['BTC'] })
    const { context } = openLab(path, { threads: 2 })
    onTestFinished(() => context.close())
    const oldParameters = defaultParameters('BTC')
    const question = {
      asset: 'BTC',
      horizons: ['low', 'high'],
      fromMs: labStartAtMs,
      toMs: labNowMs,
      oldParameters,
    } as const
    const wide = await context.pairs.readPairs({
      ...question,
      newParameters: { ...oldParameters, shrinkHigh: oldParameters.shrinkHigh * 6 },
    })
    expect(wide.filter(({ timeLengthSeconds }) => timeLengthSeconds === 86_400)).toHaveLength(16)
    expect(wide.filter(({ timeLengthSeconds }) => timeLengthSeconds === 3_600)).toHaveLength(48)
    for (const { timeLengthSeconds, oldScore, newScore } of wide) {
      // The shrink is one of hours only: a day draws the very same paths.
      if (timeLengthSeconds === 86_400) expect(newScore).toBe(oldScore)
      else expect(newScore).not.toBe(oldScore)
    }
    const horizons = comparePairs(wide, 0.95)!.horizons
    // Six times as wide as the market moves cannot score better.
    expect(horizons.find(({ timeLengthSeconds }) => timeLengthSeconds === 3_600)!.interval[0]).toBeGreaterThan(0)
  })
})

describe('what cannot be scored is named, and the rest goes on', () => {
  it('a blob that does not match its hash, where the recipe cannot make the paths again', async () => {
    let victim = ''
    const copy = copyJournal(journal, (db) => {
      victim = firstOf(db, 'BTC', 3_600).id
      const blobOf = db.prepare('select prices from prediction_paths where prediction_id = ?').pluck()
      const blob = blobOf.get(victim) as Buffer
      blob[100]! ^= 1
      db.prepare('update prediction_paths set prices = ? where prediction_id = ?').run(blob, victim)
      db.prepare('update predictions set output_hash = ? where id = ?').run('f'.repeat(64), victim)
    })
    const { report } = await replayLab(copy)
    expect(report.scored).toBe(predictions - 1)
    expect(report.problems).toMatchObject([{ reason: 'hashDiffers', count: 1, fresh: 1, examples: [victim] }])
    expect((await replayLab(copy)).report.problems).toMatchObject([{ reason: 'hashDiffers', fresh: 0 }])
  })

  it('a damaged blob is no loss where the recipe makes the same paths again', async () => {
    const copy = copyJournal(journal, (db) => {
      db.prepare(`update prediction_paths set prices = zeroblob(length(prices))`).run()
    })
    const { report } = await replayLab(copy, { filter: { timeLengthSeconds: 3_600 } })
    expect(report.problems).toEqual([])
    const expected = (await wholeTable()).filter((row) => row.includes('-3600s-'))
    expect(dumpScores(copy)).toEqual(expected)
  })

  it('minutes without a candle are skipped as the validator skips them', async () => {
    let hole = { id: '', startAtMs: 0 }
    const copy = copyJournal(journal, (db) => {
      hole = firstOf(db, 'BTC', 3_600)
      setMinutes(db, 'BTC', [hole.startAtMs + 10 * minuteMs, hole.startAtMs + 11 * minuteMs], Number.NaN)
    })
    const { report } = await replayLab(copy, { filter: { assets: ['BTC'], timeLengthSeconds: 3_600 } })
    expect(report.problems).toEqual([])
    withDatabase(copy, (db) => {
      const [row] = new SqliteScoreStore(db).findScores(hole.id)
      if (row?.outcome.kind !== 'scored') throw new Error('not scored')
      const minuteCell = row.outcome.facts.cells.find(({ interval }) => interval === '1min')
      // Two missing closes take three changes with them.
      expect(minuteCell?.count).toBe(57)
    })
  })

  it('scores nobody on a path without its last price', async () => {
    let id = ''
    const copy = copyJournal(journal, (db) => {
      const hole = firstOf(db, 'BTC', 3_600)
      id = hole.id
      setMinutes(db, 'BTC', [hole.startAtMs + 3_600_000], Number.NaN)
    })
    const { report } = await replayLab(copy, { filter: { assets: ['BTC'], timeLengthSeconds: 3_600 } })
    expect(report.waiting).toEqual([])
    expect(report.problems).toMatchObject([{ reason: 'lastMissing', count: 1, examples: [id] }])
  })

  it('waits for minutes that were not fetched yet, and scores once they are stored', async () => {
    let at = 0
    let close = 0
    const copy = copyJournal(journal, (db) => {
      at = firstOf(db, 'BTC', 3_600).startAtMs + 30 * minuteMs
      const { series } = madeSources('BTC', at, at)!
      close = new SqliteMinuteStore(db, systemClock).readSlots({ asset: 'BTC', ...series }, at, at)[0]!
      setMinutes(db, 'BTC', [at], 0)
    })
    const first = await replayLab(copy)
    expect(first.report.waiting).toMatchObject([{ reason: 'unreachable', assets: ['BTC'] }])
    expect(first.report.problems).toEqual([])
    withDatabase(copy, (db) => setMinutes(db, 'BTC', [at], close))
    const { report } = await replayLab(copy)
    expect(report).toMatchObject({ waiting: [], scored: first.report.waiting[0]!.count })
    expect(dumpScores(copy)).toEqual(await wholeTable())
  })

  it('a model without minutes', async () => {
    const copy = copyJournal(journal, (db) => db.prepare('delete from minute_days').run())
    const scored = copyJournal(journal)
    await replayLab(scored)
    withDatabase(copy, (db) =>
      db.exec(`attach '${scored}' as other; insert into realized_paths select * from other.realized_paths`),
    )
    const { report } = await replayLab(copy, { model: 'ewma' })
    expect(report.problems).toMatchObject([{ reason: 'noForecast', count: predictions }])
  })

  it('a prompt that the rules of its date do not know', async () => {
    const copy = copyJournal(journal, (db) => {
      db.prepare(`update predictions set asset = 'DOGE' where asset = 'XAU'`).run()
    })
    const { report } = await replayLab(copy)
    expect(report.problems).toMatchObject([{ reason: 'notAsked', assets: ['DOGE'], count: 16 }])
    expect(report.scored).toBe(predictions - 16)
  })
})

describe('a model that comes as a file', () => {
  const asked = { filter: { fromMs: labStartAtMs, toMs: labNowMs, assets: ['BTC'] } }

  it('is run on the minutes of each prompt, scored once, and filed under its version', {
    timeout: 120_000,
  }, async () => {
    const modelsDir = temporaryFolder()
    placeModel(modelsDir, 'har', 'har')
    const copy = copyJournal(journal)
    const first = await replayLab(copy, { ...asked, model: 'onnx:har' }, { modelsDir, threads: 2 })
    expect(first.report.model).toMatch(/^onnx:har@[0-9a-f]{8}[+][0-9a-f]{8}$/)
    // It is made for a day of BTC: the hours are refused, in a sentence of their own.
    expect(first.report.totals.map(({ timeLengthSeconds, scored }) => [timeLengthSeconds, scored > 0])).toEqual([
      [3_600, false],
      [86_400, true],
    ])
    expect(first.report.failures).toEqual([])
    const again = await replayLab(copy, { ...asked, model: 'onnx:har' }, { modelsDir })
    expect(again.report).toMatchObject({ scored: 0, known: first.report.listed })

    const blend = await replayLab(copy, { ...asked, model: 'blend:onnx:har=0.5,reference=0.5' }, { modelsDir })
    const meanOf = (run: typeof first) => run.report.totals.find((row) => row.timeLengthSeconds === 86_400)!.total!
    const reference = await replayLab(copy, { ...asked, model: 'reference' }, { modelsDir })
    expect(new Set([meanOf(first), meanOf(blend), meanOf(reference)]).size).toBe(3)

    // Another manifest is another model.
    placeModel(modelsDir, 'har', 'har', { description: 'scaled by nothing, but changed' })
    const changed = await replayLab(copy, { ...asked, model: 'onnx:har' }, { modelsDir })
    expect(changed.report.model).not.toBe(first.report.model)
    expect(meanOf(changed)).toBe(meanOf(first))
  })

  it('may be another process, which is asked about the past', { timeout: 120_000 }, async () => {
    const modelsDir = temporaryFolder()
    const sha256 = 'a'.repeat(64)
    const server = { isUp: true }
    const { url, requests } = await startScriptedServer(({ body }) => {
      const { inputs } = JSON.parse(body) as { inputs: { past: { values: number[] } } }
      const values = Array.from({ length: 288 }, (_, k) => -13.4 + inputs.past.values.at(-1)! + k / 1000)
      const answer = { sha256, outputs: { log_variance: { dims: [1, 288], values } } }
      return { status: server.isUp ? 200 : 500, body: JSON.stringify(answer) }
    })
    const manifest = { ...harManifest, file: undefined, format: undefined }
    mkdirSync(join(modelsDir, 'har'))
    writeFileSync(join(modelsDir, 'har', 'manifest.json'), JSON.stringify({ ...manifest, url, sha256 }))
    const copy = copyJournal(journal)
    const { report } = await replayLab(copy, { ...asked, model: 'onnx:har' }, { modelsDir, threads: 2 })
    const day = report.totals.find((row) => row.timeLengthSeconds === 86_400)!
    expect(day.scored).toBeGreaterThan(0)
    // Once for each prompt of a day, and eight or nine times by the checks.
    expect(requests.length).toBeGreaterThan(day.scored)
    server.isUp = false
    await expect(replayLab(copy, { ...asked, model: 'onnx:har' }, { modelsDir })).rejects.toMatchObject({
      code: 'MODEL_REFUSED',
      message: `onnx:har cannot be used: ${url} answered with HTTP 500.`,
    })
  })

  it('is the evidence for a change of champion', { timeout: 120_000 }, async () => {
    const modelsDir = temporaryFolder()
    placeModel(modelsDir, 'har', 'har')
    const { context } = openLab(copyJournal(journal), { modelsDir })
    try {
      const oldParameters = defaultParameters('BTC')
      const newParameters = { ...oldParameters, champion: { ...oldParameters.champion, low: 'onnx:har' } }
      const range = { fromMs: labStartAtMs, toMs: labNowMs, asset: 'BTC' }
      const pairs = await context.pairs.readPairs({ ...range, horizons: ['low'], oldParameters, newParameters })
      expect(pairs.length).toBeGreaterThan(5)
      expect(pairs.some(({ oldScore, newScore }) => oldScore !== newScore)).toBe(true)
      const gone = { ...oldParameters, champion: { ...oldParameters.champion, low: 'onnx:gone' } }
      await expect(
        context.pairs.readPairs({ ...range, horizons: ['low'], oldParameters, newParameters: gone }),
      ).rejects.toMatchObject({ message: `There is no model onnx:gone in ${modelsDir}.`, hint: 'Known are onnx:har.' })
    } finally {
      await context.close()
    }
  })

  it('is refused in one sentence when it is not there, not the one of its manifest, or no folder is named', async () => {
    const modelsDir = temporaryFolder()
    placeModel(modelsDir, 'har', 'har', { sha256: '0'.repeat(64) })
    const refusal = (model: string, dir?: string) =>
      replayLab(copyJournal(journal), { ...asked, model }, dir === undefined ? {} : { modelsDir: dir }).catch(
        (error: unknown) => error,
      )
    expect(await refusal('onnx:har')).toMatchObject({
      code: 'MODEL_UNKNOWN',
      message: 'onnx:har is a model of a folder, and models.dir is not set.',
    })
    expect(await refusal('onnx:hour', modelsDir)).toMatchObject({
      message: `There is no model onnx:hour in ${modelsDir}.`,
      hint: 'Known are onnx:har.',
    })
    expect(await refusal('onnx:har', modelsDir)).toMatchObject({
      code: 'MODEL_REFUSED',
      message: expect.stringMatching(
        /^onnx:har cannot be used: .* has the hash .*, the manifest says 000000000000…[.]$/,
      ) as string,
    })
  })
})

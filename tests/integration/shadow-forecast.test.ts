/** The rank of a model without a journal: real minutes, real database, real threads, made scores of others. */

import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { stringify } from 'yaml'
import { systemClock } from '#adapters/clock/system-clock'
import type { Database } from '#adapters/sqlite/database'
import { SqliteFieldStore } from '#adapters/sqlite/field-store'
import { hourMs, minuteMs } from '#core/base/time/units'
import { dayOf, decodeDay, slotOf } from '#core/market/minutes/minute-day'
import { parseModel, specFor, writeModel } from '#core/tuning/replay/model-spec'
import type { ReplayReport } from '#core/tuning/replay/run-replay'
import { madeSources } from '#tests/support/made-journal'
import {
  closedMarket,
  copyJournal,
  labNowMs,
  labStartAtMs,
  makeLabJournal,
  openLab,
  openLabDatabase,
} from '#tests/support/replay-lab'
import { folderForAll, temporaryFolder } from '#tests/support/temporary-folder'
import { runTuner } from '#tests/support/tuner-lab'

const packageRoot = join(import.meta.dirname, '..', '..')
const period = { fromMs: labNowMs - 24 * hourMs, toMs: labNowMs }
/** For a prompt of an hour, a validator asks at most a minute before its start. */
const askedMs = minuteMs
const promptAtMs = labStartAtMs + 30 * hourMs

let market = ''

/** Minutes and public scores, and nothing that was ever served. */
beforeAll(() => {
  market = join(folderForAll(), 'market.sqlite')
  makeLabJournal(market, { assets: ['BTC'], minuteDaysBefore: 12, dayEveryMs: 48 * hourMs, hourEveryMs: 48 * hourMs })
  const db = openLabDatabase(market)
  db.exec('delete from predictions; delete from realized_paths')
  publish(db, [promptAtMs])
  db.pragma('wal_checkpoint(truncate)')
  db.close()
}, 120_000)

function publish(db: Database, startsMs: readonly number[]): void {
  const kind = { asset: 'BTC', timeLengthSeconds: 3_600 }
  const others = [1, 400, 5_000, 9_000]
  const prompts = startsMs.map((startAtMs) => ({
    ...kind,
    scoredAtMs: startAtMs + hourMs,
    miners: others.map((crps, uid) => ({ uid, crps, promptScore: crps - 1 })),
  }))
  new SqliteFieldStore(db, systemClock).save(kind, { fromMs: labStartAtMs, toMs: labNowMs }, prompts, 0)
}

function multiplyMinutes(db: Database, fromMs: number, untilMs: number, factor: number): void {
  const { series } = madeSources('BTC', labStartAtMs, labStartAtMs)!
  const where = 'series_id = (select id from minute_series where asset = ? and symbol = ?) and day = ?'
  for (let atMs = fromMs; atMs < untilMs; atMs += minuteMs) {
    const own = ['BTC', series.symbol, dayOf(atMs)]
    const slots = decodeDay(db.prepare(`select slots from minute_days where ${where}`).pluck().get(own) as Buffer)
    slots[slotOf(atMs)]! *= factor
    db.prepare(`update minute_days set slots = ? where ${where}`).run(Buffer.from(slots.buffer), ...own)
  }
}

type Forecast = (model: string, again?: boolean) => Promise<ReplayReport>

/** One thread for the whole test: starting it takes longer than its work. */
function openForecasts(path: string): Forecast {
  const { context } = openLab(path)
  onTestFinished(() => context.close())
  return async (model, again = false) => {
    const request = parseModel(model)
    const sources = await context.sourcesOf(request)
    const asked = { model: writeModel(request, sources), specOf: (asset: string) => specFor(request, asset, sources) }
    return (await context.runField(period, { ...asked, again }, {})).report
  }
}

function changeDatabase(path: string, change: (db: Database) => void): void {
  const db = openLabDatabase(path)
  change(db)
  db.close()
}

describe('a model without a journal', () => {
  it('forecasts from no minute that a miner could not have had', async () => {
    const path = copyJournal(market)
    const forecast = openForecasts(path)
    const totals = async () => {
      const reports = [await forecast('ewma', true), await forecast('calibrated', true)]
      expect(reports.map(({ scored }) => scored)).toEqual([1, 1])
      return reports.map((report) => report.totals[0]!.total!)
    }
    const before = await totals()
    // The real prices are stored by now, so that only the forecast can see these.
    const knownUntilMs = promptAtMs - askedMs
    changeDatabase(path, (db) => multiplyMinutes(db, knownUntilMs, promptAtMs + 2 * hourMs, 1.1))
    expect(await totals()).toEqual(before)
    // The last one that had ended is seen.
    changeDatabase(path, (db) => multiplyMinutes(db, knownUntilMs - minuteMs, knownUntilMs, 1.01))
    for (const [i, total] of (await totals()).entries()) expect(total).not.toBe(before[i])
  })

  it('scores each prompt once, and tries again where minutes were missing', async () => {
    const path = copyJournal(market, (db) => publish(db, [promptAtMs + 3 * hourMs]))
    const forecast = openForecasts(path)
    expect(await forecast('ewma')).toMatchObject({ listed: 2, known: 0, scored: 2, problems: [], waiting: [] })
    expect(await forecast('ewma')).toMatchObject({ listed: 2, known: 2, scored: 0 })
    changeDatabase(path, (db) => {
      db.exec('delete from field_forecasts')
      db.prepare('delete from minute_days where day < ?').run(dayOf(promptAtMs) + 1)
    })
    const [problem] = (await forecast('ewma')).problems
    expect(problem).toMatchObject({ reason: 'noForecast', count: 2 })
    expect(await forecast('ewma')).toMatchObject({ known: 0, scored: 0 })
  })

  it('is ranked by the command, in a folder in which nothing was ever served', async () => {
    const cwd = temporaryFolder()
    mkdirSync(join(cwd, 'data'))
    symlinkSync(join(packageRoot, 'node_modules'), join(cwd, 'node_modules'))
    writeFileSync(join(cwd, 'volcast.yaml'), stringify({ market: closedMarket }))
    const source = openLabDatabase(market)
    source.prepare('vacuum into ?').run(join(cwd, 'data', 'miner.sqlite'))
    source.close()
    const run = (...words: string[]) => runTuner(words, { cwd, clock: { ...systemClock, nowMs: () => labNowMs } })
    const served = await run('shadow')
    expect(served.warnings.join(' ')).toContain('"tuner shadow --forecast calibrated" ranks a model without one')
    const { exitCode, lines } = await run('shadow', '--forecast', 'calibrated', '--days', '1')
    expect(exitCode).toBe(0)
    expect(lines.join(' ').replaceAll(/\s+/g, ' ')).toMatch(
      /With calibrated@\w+ you would have been 2nd of the 3 with a weight in Crypto 1h/,
    )
    const wrong = await run('shadow', '--forecast', 'calibrate')
    expect(wrong.exitCode).toBe(64)
    expect(wrong.warnings.join(' ')).toContain('Did you mean calibrated?')
  })
})

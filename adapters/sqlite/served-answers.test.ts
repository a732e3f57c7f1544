import { join } from 'node:path'
import { expect, it } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { dayMs } from '#core/base/time/units'
import { writeMadeJournal } from '#tests/support/made-journal'
import { openLabDatabase } from '#tests/support/replay-lab'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { SqliteServedAnswers } from './served-answers.ts'

it('gives the newest answers of an asset at a horizon, and reads no more than it is asked for', () => {
  const db = openLabDatabase(join(temporaryFolder(), 'miner.sqlite'))
  const startAtMs = Date.UTC(2026, 8, 21)
  writeMadeJournal(db, systemClock, {
    startAtMs,
    days: 1,
    assets: ['BTC', 'XAU'],
    pathCount: 2,
    hourEveryMs: 7_200_000,
    ensembles: 1,
  })
  const served = new SqliteServedAnswers(db)
  db.prepare(`update predictions set rung = 'ewma', model_name = 'ewma' where start_at_ms = ?`).run(
    startAtMs + dayMs - 7_200_000,
  )
  expect(served.lastServed('BTC', 'high', 2)).toEqual([
    { startAtMs: startAtMs + dayMs - 7_200_000, rung: 'ewma', model: 'ewma', champion: 'calibrated' },
    { startAtMs: startAtMs + dayMs - 14_400_000, rung: 'champion', model: 'calibrated', champion: 'calibrated' },
  ])
  expect(served.lastServed('BTC', 'low', 1000)).toHaveLength(48)
  expect(served.lastServed('XAU', 'high', 1000)).toEqual([])
  const plan = db
    .prepare<[], { detail: string }>(
      `explain query plan select start_at_ms, rung, model_name from predictions
        where asset = 'BTC' and time_length_seconds = 3600 order by start_at_ms desc limit 50`,
    )
    .all()
  expect(plan.map(({ detail }) => detail)).toEqual([expect.stringContaining('predictions_by_asset') as string])
})

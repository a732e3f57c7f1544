import { join } from 'node:path'
import { expect, it } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { SqliteFieldStore } from '#adapters/sqlite/field-store'
import { SqliteScoreStore } from '#adapters/sqlite/score-store'
import { dayMs, hourMs } from '#core/base/time/units'
import { ShadowServedShape } from '#core/tuning/views/shadow-view'
import { runProgram } from '#tests/support/programs'
import { labDays, labStartAtMs, makeLabJournal, openLabDatabase, replayLab } from '#tests/support/replay-lab'
import { temporaryFolder } from '#tests/support/temporary-folder'

it('joins the answers of a journal and their scores with the public scores', async () => {
  const cwd = temporaryFolder()
  const path = join(cwd, 'journal.sqlite')
  const kept = makeLabJournal(path, { assets: ['BTC'], dayEveryMs: 6 * hourMs, hourEveryMs: 6 * hourMs })
  await replayLab(path)
  const db = openLabDatabase(path)
  const kind = { asset: 'BTC', timeLengthSeconds: 86_400 }
  const rows = new SqliteScoreStore(db).listTotals({ ...kind, assets: ['BTC'], model: 'served' })
  const scored = rows.filter((_, i) => i % 2 === 0)
  const prompts = scored.map(({ startAtMs, total }) => ({
    ...kind,
    scoredAtMs: startAtMs + dayMs,
    miners: [{ uid: 7, crps: total! + 1, promptScore: 3 }],
  }))
  const window = { fromMs: labStartAtMs, toMs: labStartAtMs + (labDays + 2) * dayMs }
  new SqliteFieldStore(db, systemClock).save(kind, window, prompts, 0)
  db.close()

  const period = ['--from', '2026-10-06', '--to', '2026-10-09', '--uid', '7']
  const tell = (...words: string[]) =>
    runProgram('tuner', ['shadow', 'served', '--db.path', path, ...period, ...words], { cwd })
  const { stdout, stderr, exitCode } = tell('--json')
  expect([stderr, exitCode]).toEqual(['', 0])
  const report = ShadowServedShape.parse(JSON.parse(stdout))
  expect(report.prompts).toHaveLength(kept)
  const found = report.prompts.filter(({ outcome }) => outcome === 'scored')
  expect(found.map(({ id }) => id)).toEqual(scored.map(({ predictionId }) => predictionId))
  for (const { crps, replayed } of found) expect(crps).toBe(replayed! + 1)
  expect(report.notInJournal).toBe(0)
  expect(tell().stdout).toMatch(new RegExp(`^BTC 24h +${rows.length} +${scored.length} `, 'm'))
})

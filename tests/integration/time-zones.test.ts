import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, it } from 'vitest'
import { dayMs, hourMs } from '#core/base/time/units'
import { runsLong } from '#tests/support/long-tests'
import { runProgram } from '#tests/support/programs'
import type { ReplayChildOptions } from '#tests/support/replay-child'
import { copyJournal, dumpScores, labDays, makeLabJournal } from '#tests/support/replay-lab'
import { folderForAll } from '#tests/support/temporary-folder'

const script = fileURLToPath(new URL('../support/time-zone-child.ts', import.meta.url))
/** The clocks of New York go back in the night to the second day. */
const startAtMs = Date.UTC(2026, 9, 31)
const nowMs = startAtMs + (labDays + 1) * dayMs + 600_000
const journal = join(folderForAll(), 'journal.sqlite')
beforeAll(() => void makeLabJournal(journal, { startAtMs, dayEveryMs: 12 * hourMs, hourEveryMs: 4 * hourMs }), 60_000)

/** One whose clock changes within the data, and one with minutes in its offset and the southern summer. */
const zones = ['America/New_York', 'Pacific/Chatham', ...(runsLong ? ['Asia/Kathmandu', 'Australia/Lord_Howe'] : [])]

/** What the miner and the tuner say and store in a time zone. */
function outputIn(zone: string) {
  const dbPath = copyJournal(journal)
  const env = { ...process.env, TZ: zone }
  const options: ReplayChildOptions = { dbPath, nowMs, days: labDays + 1, threads: 1 }
  const child = spawnSync(process.execPath, ['--import', 'tsx', script, JSON.stringify(options)], {
    env,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  expect(child.stderr).toBe('')
  const cwd = join(dbPath, '..')
  const tuner = (...words: string[]) => {
    const { exitCode, stdout } = runProgram('tuner', [...words, '--db.path', dbPath], { cwd, env: { TZ: zone } })
    expect(exitCode).toBe(0)
    return stdout
  }
  return {
    said: child.stdout.split('\n')[0],
    scores: dumpScores(dbPath),
    rules: tuner('regimes', 'list'),
    exported: tuner('journal', 'export', '--no-paths'),
  }
}

it('T2: the time zone of the machine changes nothing that is said, stored or exported', { timeout: 240_000 }, () => {
  const expected = outputIn('UTC')
  expect(expected.said?.length).toBeGreaterThan(10_000)
  expect(expected.exported.length).toBeGreaterThan(1_000)
  expect(expected.scores.length).toBeGreaterThan(5)
  for (const zone of zones) {
    const found = outputIn(zone)
    // Texts of this length are not for a report of their difference.
    expect(found.said === expected.said, zone).toBe(true)
    expect(found.exported === expected.exported, zone).toBe(true)
    expect(found.rules, zone).toBe(expected.rules)
    expect(found.scores, zone).toEqual(expected.scores)
  }
})

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { SplitMix64 } from '#core/base/random/rng'
import { dayMs } from '#core/base/time/units'
import { runsLong } from '#tests/support/long-tests'
import type { ReplayChildOptions, ReplayChildResult } from '#tests/support/replay-child'
import { copyJournal, dumpScores, labDays, labNowMs, makeLabJournal, openLabDatabase } from '#tests/support/replay-lab'
import { temporaryFolder } from '#tests/support/temporary-folder'

const kills = runsLong ? 40 : 4
const seed = BigInt(process.env['VOLCAST_TEST_SEED'] ?? 6)
const script = join(import.meta.dirname, '..', 'support', 'replay-child.ts')
const node = (options: ReplayChildOptions) => ['--import', 'tsx', script, JSON.stringify(options)]

interface Step {
  readonly stage: 'prices' | 'scores'
  readonly done: number
}

/** Runs until so many predictions are scored, then dies. */
async function runAndKill(options: ReplayChildOptions, afterScored: number): Promise<void> {
  const child: ChildProcess = spawn(process.execPath, node({ ...options, isTalking: true }), {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let pending = ''
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    pending += text
    const lines = pending.split('\n')
    pending = lines.pop()!
    for (const line of lines) {
      const { stage, done } = JSON.parse(line) as Step
      if (stage === 'scores' && done >= afterScored) child.kill('SIGKILL')
    }
  })
  await once(child, 'close')
}

function runToEnd(options: ReplayChildOptions): ReplayChildResult {
  const { status, stdout, stderr } = spawnSync(process.execPath, node(options), { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return (JSON.parse(stdout.trim().split('\n').at(-1)!) as { result: ReplayChildResult }).result
}

it(`makes the same table after ${kills} kills as without any (seed ${seed})`, async () => {
  const rng = new SplitMix64(seed)
  const journal = join(temporaryFolder(), 'journal.sqlite')
  // Some days more than the lab has: enough jobs to die between.
  const days = 6
  const predictions = makeLabJournal(journal, { days, pathCount: 128 })
  const nowMs = labNowMs + (days - labDays) * dayMs
  const [straight, killed] = [copyJournal(journal), copyJournal(journal)]
  const options = { nowMs, days: days + 2, threads: 1 }
  expect(runToEnd({ ...options, dbPath: straight }).report.scored).toBe(predictions)

  let scoredBefore = 0
  for (let kill = 0; kill < kills; kill += 1) {
    await runAndKill({ ...options, dbPath: killed }, 1 + Math.floor((rng.next() * predictions) / kills))
    const db = openLabDatabase(killed)
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
    const scored = db.prepare('select count(*) from prediction_scores').pluck().get() as number
    db.close()
    // Each run gets somewhere, and what it got to is kept.
    expect(scored).toBeGreaterThanOrEqual(scoredBefore)
    scoredBefore = scored
  }
  expect(scoredBefore).toBeGreaterThan(0)
  const { report } = runToEnd({ ...options, dbPath: killed })
  expect(report.known + report.scored).toBe(predictions)
  expect(dumpScores(killed)).toEqual(dumpScores(straight))
})

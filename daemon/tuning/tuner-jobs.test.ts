import { describe, expect, it } from 'vitest'
import { createCronSchedule } from '#adapters/clock/cron-schedule'
import { SqliteTunerRunStore } from '#adapters/sqlite/tuner-run-store'
import { SplitMix64 } from '#core/base/random/rng'
import { hourMs, minuteMs } from '#core/base/time/units'
import type { TunerOutcome } from '#core/tuning/runs/tuner-runs'
import { TestClock } from '#tests/support/test-clock'
import { openTestDatabase } from '#tests/support/test-database'
import { TestLogger } from '#tests/support/test-logger'
import { type TunerJob, TunerJobs } from './tuner-jobs.ts'

const startMs = Date.UTC(2026, 8, 22, 12)
const replay: TunerJob = { name: 'replay', cron: '17 * * * *', commands: [['replay']] }
const shadow: TunerJob = {
  name: 'shadow',
  cron: '27 * * * *',
  commands: [
    ['shadow', 'fetch'],
    ['shadow', 'watch'],
  ],
}

function setUp(jobs: readonly TunerJob[]) {
  const clock = new TestClock(startMs)
  const runs = new SqliteTunerRunStore(openTestDatabase())
  const ticks = new Map<string, (atMs: number) => void>()
  const started: { args: readonly string[]; end: (outcome: TunerOutcome) => void; signal: AbortSignal }[] = []
  const tunerJobs = new TunerJobs(
    {
      clock,
      log: new TestLogger(),
      rng: new SplitMix64(1n),
      runs,
      schedule: {
        every: (expression, tick) => {
          ticks.set(expression, tick)
          return { stop: () => void ticks.delete(expression) }
        },
        lastDueMs: createCronSchedule({ log: new TestLogger() }).lastDueMs,
      },
      program: {
        run: (args, { signal }) =>
          new Promise((resolve) => {
            started.push({ args, end: resolve, signal })
            signal.addEventListener('abort', () => resolve({ exitCode: null, lastLine: '' }))
          }),
      },
    },
    { jobs, timeoutMs: 1000, catchUpDelayMs: 60_000 },
  )
  /** Lets everything run that is ready to. */
  const settle = () => clock.advance(0)
  return { clock, runs, ticks, started, tunerJobs, settle }
}

const well: TunerOutcome = { exitCode: 0, lastLine: 'done' }

describe('the tuner beside the daemon', () => {
  it('runs one command at a time, whatever is due', async () => {
    const { ticks, started, tunerJobs, runs, settle } = setUp([replay, shadow])
    tunerJobs.start()
    ticks.get(replay.cron)!(startMs)
    ticks.get(shadow.cron)!(startMs)
    await settle()
    expect(started.map(({ args }) => args.join(' '))).toEqual(['replay'])
    started[0]!.end(well)
    await settle()
    expect(started.map(({ args }) => args.join(' '))).toEqual(['replay', 'shadow fetch'])
    expect(runs.lastRun('replay')).toMatchObject({ scheduledAtMs: startMs, exitCode: 0, lastLine: 'done' })
    await tunerJobs.stop()
  })

  it('does not go on to the next command after a failure, and says so on the health page', async () => {
    const { ticks, started, tunerJobs, settle } = setUp([shadow])
    tunerJobs.start()
    ticks.get(shadow.cron)!(startMs)
    await settle()
    started[0]!.end({ exitCode: 1, lastLine: 'The rules changed.' })
    await settle()
    expect(started.length).toBe(1)
    expect(tunerJobs.health()).toMatchObject({ state: 'degraded', hint: 'shadow: The rules changed.' })
    await tunerJobs.stop()
  })

  it('is not ill while a command has nothing to work on yet', async () => {
    const { ticks, started, tunerJobs, settle } = setUp([replay])
    tunerJobs.start()
    ticks.get(replay.cron)!(startMs)
    await settle()
    started[0]!.end({ exitCode: 75, lastLine: 'No prompt has settled yet.' })
    await settle()
    expect(tunerJobs.health()).toMatchObject({ state: 'ok', hint: 'No prompt has settled yet.' })
    await tunerJobs.stop()
  })

  it('makes up once for what was due while the miner was down', async () => {
    const { clock, started, tunerJobs, runs, settle } = setUp([replay])
    const longAgo = startMs - 5 * hourMs
    runs.record({ job: 'replay', scheduledAtMs: longAgo, startedAtMs: longAgo, finishedAtMs: longAgo, ...well })
    tunerJobs.start()
    await settle()
    expect(started).toEqual([])
    await clock.advance(60_000)
    await settle()
    started[0]!.end(well)
    await settle()
    expect(started.length).toBe(1)
    expect(runs.lastRun('replay')!.scheduledAtMs).toBe(startMs - hourMs + 17 * minuteMs)
    await tunerJobs.stop()
  })

  it('has nothing to make up for on its first start', async () => {
    const { clock, started, tunerJobs, settle } = setUp([replay])
    tunerJobs.start()
    await clock.advance(60_000)
    await settle()
    expect(started).toEqual([])
    await tunerJobs.stop()
  })

  it('does not record a run that our own stop cut short', async () => {
    const { ticks, started, tunerJobs, runs, settle } = setUp([replay])
    tunerJobs.start()
    ticks.get(replay.cron)!(startMs)
    await settle()
    await tunerJobs.stop()
    expect(started[0]!.signal.aborted).toBe(true)
    expect(runs.lastRun('replay')).toBeUndefined()
  })
})

it('finds when a cron was last due', () => {
  const { lastDueMs } = createCronSchedule({ log: new TestLogger() })
  expect(lastDueMs('17 * * * *', startMs)).toBe(startMs - hourMs + 17 * minuteMs)
  expect(lastDueMs('0 12 * * *', startMs)).toBe(startMs)
  expect(lastDueMs('5 4 1 1 *', startMs)).toBeUndefined()
})

import { describe, expect, it } from 'vitest'
import { createCronSchedule } from '#adapters/clock/cron-schedule'
import { SqliteTunerRunStore } from '#adapters/sqlite/tuner-run-store'
import { SplitMix64 } from '#core/base/random/rng'
import { hourMs, minuteMs } from '#core/base/time/units'
import type { TunerOutcome } from '#core/tuning/runs/tuner-runs'
import { TestClock } from '#tests/support/test-clock'
import { openTestDatabase } from '#tests/support/test-database'
import { TestLogger } from '#tests/support/test-logger'
import { type TunerJob, TunerJobs, type TunerJobsDeps } from './tuner-jobs.ts'

const startMs = Date.UTC(2026, 8, 22, 12)
const replay: TunerJob = { name: 'replay', cron: '17 * * * *', commands: [['replay']] }
const shadow: TunerJob = {
  name: 'shadow',
  cron: '27 * * * *',
  commands: [
    ['shadow', 'fetch'],
    ['shadow', 'watch'],
    ['shadow', 'verify', '--days', '1'],
  ],
}

function setUp(jobs: readonly TunerJob[]) {
  const clock = new TestClock(startMs)
  const runs = new SqliteTunerRunStore(openTestDatabase())
  const ticks = new Map<string, (atMs: number) => void>()
  const started: { args: readonly string[]; end: (outcome: TunerOutcome) => void; signal: AbortSignal }[] = []
  const deps = {
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
          const stop = () => resolve({ exitCode: null, lastLine: '' })
          const end = (outcome: TunerOutcome) => {
            signal.removeEventListener('abort', stop)
            resolve(outcome)
          }
          started.push({ args, end, signal })
          signal.addEventListener('abort', stop)
        }),
    },
  } satisfies TunerJobsDeps
  const tunerJobs = new TunerJobs(deps, { jobs, timeoutMs: 1000, catchUpDelayMs: 60_000 })
  /** Lets everything run that is ready to, and what becomes ready by that. */
  const settle = async () => {
    for (let round = 0; round < 5; round += 1) await clock.advance(0)
  }
  return { clock, deps, runs, ticks, started, tunerJobs, settle }
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
    expect(runs.recentRuns('replay')[0]).toMatchObject({ scheduledAtMs: startMs, exitCode: 0, lastLine: 'done' })
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
    expect(tunerJobs.health()).toMatchObject({
      state: 'degraded',
      sentence: expect.stringContaining('shadow failed. Last word: The rules changed.') as string,
    })
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

  it('is ill when a job is only ever asked to try again, for two days', async () => {
    const { clock, ticks, started, tunerJobs, settle } = setUp([replay])
    tunerJobs.start()
    for (let hour = 0; hour <= 49; hour += 1) {
      ticks.get(replay.cron)!(clock.nowMs())
      await settle()
      started.at(-1)!.end({ exitCode: 75, lastLine: 'Real prices are missing.' })
      await settle()
      if (hour === 40) expect(tunerJobs.health().state).toBe('ok')
      await clock.advance(hourMs)
    }
    expect(tunerJobs.health()).toMatchObject({
      state: 'degraded',
      sentence: expect.stringContaining(
        'replay ended with "try again" 50 times in a row, for 2 days. Last word: Real prices are missing.',
      ) as string,
    })
    await tunerJobs.stop()
  })

  it('is ill when a job has not run for two of its periods, and says since when', async () => {
    const { clock, ticks, started, deps, runs, settle } = setUp([replay, shadow])
    const longAgo = startMs - 60 * 24 * hourMs
    const run = { scheduledAtMs: longAgo, startedAtMs: longAgo, finishedAtMs: longAgo, ...well }
    runs.record({ job: 'replay', ...run })
    const again = new TunerJobs(deps, { jobs: [replay, shadow], timeoutMs: 1000, catchUpDelayMs: 60_000 })
    again.start()
    await clock.advance(60_000)
    await settle()
    // It is being made up for.
    expect(again.health().state).toBe('ok')
    started[0]!.end(well)
    await settle()
    started[1]!.end(well)
    await settle()
    started[2]!.end(well)
    await settle()
    expect(again.health().state).toBe('ok')
    // The cron of this one has ceased.
    ticks.delete(replay.cron)
    await clock.advance(4 * hourMs)
    expect(again.health()).toMatchObject({
      state: 'degraded',
      sentence: expect.stringContaining('replay has not run for 4 h, though it is due every 60 min.') as string,
    })
    await again.stop()
  })

  it('knows how a job ended also when that cannot be stored', async () => {
    const { ticks, started, tunerJobs, runs, settle } = setUp([replay])
    runs.record = () => {
      throw new Error('database or disk is full')
    }
    tunerJobs.start()
    ticks.get(replay.cron)!(startMs)
    await settle()
    started[0]!.end({ exitCode: 1, lastLine: 'The rules changed.' })
    await settle()
    expect(tunerJobs.health().state).toBe('degraded')
    await tunerJobs.stop()
  })

  it('runs a missed job once after a downtime', async () => {
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
    expect(runs.recentRuns('replay')[0]!.scheduledAtMs).toBe(startMs - hourMs + 17 * minuteMs)
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
    expect(runs.recentRuns('replay')[0]).toBeUndefined()
  })
})

it('finds when a cron was last due', () => {
  const { lastDueMs } = createCronSchedule({ log: new TestLogger() })
  expect(lastDueMs('17 * * * *', startMs)).toBe(startMs - hourMs + 17 * minuteMs)
  expect(lastDueMs('0 12 * * *', startMs)).toBe(startMs)
  expect(lastDueMs('5 4 1 1 *', startMs)).toBeUndefined()
})

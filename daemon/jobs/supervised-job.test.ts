import { describe, expect, it } from 'vitest'
import type { Rng } from '#core/base/random/rng'
import { TestClock } from '#tests/support/test-clock'
import { TestLogger } from '#tests/support/test-logger'
import { type JobWork, SupervisedJob } from './supervised-job.ts'

const half: Rng = { next: () => 0.5, fork: () => half }

function aJob(work: JobWork) {
  const clock = new TestClock()
  const log = new TestLogger()
  let fire: (scheduledAtMs: number) => void = () => {}
  const schedule = {
    every: (_: string, tick: (scheduledAtMs: number) => void) => {
      fire = tick
      const stop = (): void => {
        fire = () => {}
      }
      return { stop }
    },
  }
  const job = new SupervisedJob({ log, clock, rng: half, schedule }, { name: 'x', cron: '*', jitterMs: 4_000 }, work)
  job.start()
  return { job, clock, log, fire: (atMs: number) => fire(atMs) }
}

describe('SupervisedJob', () => {
  it('hands the scheduled time on, after its part of the jitter', async () => {
    const ticks: number[] = []
    const { clock, fire } = aJob(async (atMs) => ticks.push(atMs) > 0)
    fire(1_000)
    await clock.advance(1_999)
    expect(ticks).toEqual([])
    await clock.advance(1)
    expect(ticks).toEqual([1_000])
  })
  it('continues after a tick that throws', async () => {
    let calls = 0
    const { job, clock, log, fire } = aJob(async () => {
      calls += 1
      if (calls === 1) throw new Error('boom')
      return true
    })
    fire(0)
    await clock.advance(2_000)
    expect(log.events()).toEqual(['job.failed'])
    expect(job.status()).toEqual({ state: 'waiting', ageMs: undefined, failuresInARow: 1 })
    fire(60_000)
    await clock.advance(2_000)
    expect(job.status()).toEqual({ state: 'waiting', ageMs: 0, failuresInARow: 0 })
  })
  it('counts a tick that says it failed, and keeps the age of the last good one', async () => {
    const answers = [true, false, false]
    const { job, clock, fire } = aJob(async () => answers.shift() ?? false)
    for (let i = 0; i < 3; i += 1) {
      fire(0)
      await clock.advance(60_000)
    }
    expect(job.status()).toEqual({ state: 'waiting', ageMs: 178_000, failuresInARow: 2 })
  })
  it('drops a tick while the one before still runs', async () => {
    let finish: () => void = () => {}
    let calls = 0
    const { job, clock, log, fire } = aJob(async () => {
      calls += 1
      await new Promise<void>((resolve) => {
        finish = resolve
      })
      return true
    })
    fire(0)
    await clock.advance(2_000)
    expect(job.status().state).toBe('running')
    fire(60_000)
    await clock.advance(2_000)
    expect(calls).toBe(1)
    expect(log.events()).toEqual(['job.skipped'])
    finish()
    await clock.advance(0)
    fire(120_000)
    await clock.advance(2_000)
    expect(calls).toBe(2)
    finish()
  })
  it('waits for the running tick when it is stopped, and starts no other', async () => {
    let calls = 0
    const { job, clock, fire } = aJob(async (_, signal) => {
      calls += 1
      await clock.sleep(10_000, signal)
      return true
    })
    fire(0)
    await clock.advance(2_000)
    await job.stop()
    expect(job.status().state).toBe('stopped')
    fire(60_000)
    await clock.advance(60_000)
    expect(calls).toBe(1)
  })
})

import { expect, it } from 'vitest'
import { SplitMix64 } from '#core/base/random/rng'
import type { RefreshResult } from '#core/bittensor/chain/chain-port'
import { TestClock } from '#tests/support/test-clock'
import { TestLogger } from '#tests/support/test-logger'
import { chainRefreshJob } from './chain-refresh.ts'

it('refreshes the chain at each tick and shows how long ago it last went well', async () => {
  const results: RefreshResult[] = [
    { ok: true, block: 1, neuronCount: 256 },
    { ok: false, reason: 'there is no connection to the chain' },
  ]
  const clock = new TestClock()
  let fire: (scheduledAtMs: number) => void = () => {}
  const schedule = {
    every: (_: string, tick: (scheduledAtMs: number) => void) => {
      fire = tick
      return { stop: () => {} }
    },
  }
  const chain = { refresh: async () => results.shift()! }
  const deps = { chain, clock, schedule, log: new TestLogger(), rng: new SplitMix64(1n) }
  const job = chainRefreshJob(deps, { cron: '* * * * *', jitterMs: 0 })
  job.start()
  fire(0)
  await clock.advance(60_000)
  expect(job.status()).toEqual({ state: 'waiting', ageMs: 60_000, failuresInARow: 0 })
  fire(60_000)
  await clock.advance(60_000)
  expect(job.status()).toEqual({ state: 'waiting', ageMs: 120_000, failuresInARow: 1 })
  await job.stop()
})

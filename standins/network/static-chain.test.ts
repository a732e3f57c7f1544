import { expect, it } from 'vitest'
import { dayMs } from '#core/base/time/units'
import { MetagraphIndex } from '#core/bittensor/chain/metagraph-index'
import { TestClock } from '#tests/support/test-clock'
import { StaticChain } from './static-chain.ts'

it('knows its members and nobody else, however much time passes', async () => {
  const clock = new TestClock()
  const chain = new StaticChain(
    { clock },
    {
      netuid: 50,
      members: [
        { hotkey: 'miner', stakeTao: 0, hasPermit: false },
        { hotkey: 'validator', stakeTao: 100_000, hasPermit: true },
      ],
    },
  )
  const index = new MetagraphIndex({ clock, chain })
  await clock.advance(40 * dayMs)
  expect(index.ageMs()).toBe(0)
  expect(index.ownUid('miner')).toBe(0)
  expect(index.neuron('validator')).toMatchObject({ uid: 1, stakeTao: 100_000, hasPermit: true })
  expect(index.neuron('stranger')).toBeUndefined()
  expect(index.ownUid('stranger')).toBeUndefined()
  expect(chain.status().whyNotSign).toContain('no chain')
  expect(await chain.ensureServed()).toEqual({ state: 'notWanted' })
})

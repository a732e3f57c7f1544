import { expect, it } from 'vitest'
import { TestClock } from '#tests/support/test-clock'
import { MarketTime } from './market-time.ts'

it('stands still from the named instant on, and catches up when it is released', async () => {
  const clock = new TestClock(1_000)
  const market = new MarketTime(clock)
  market.standStillAt(1_500)
  expect(market.nowMs()).toBe(1_000)
  await clock.advance(2_000)
  expect(market.nowMs()).toBe(1_500)
  market.standStillAt(Number.POSITIVE_INFINITY)
  expect(market.nowMs()).toBe(3_000)
})

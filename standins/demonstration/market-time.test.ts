import { expect, it } from 'vitest'
import { TestClock } from '#tests/support/test-clock'
import { MarketTime } from './market-time.ts'

it('stands still from the named instant on, and catches up when it is released', async () => {
  const clock = new TestClock(1_000)
  const market = new MarketTime(clock)
  market.standStillAt(10_000)
  await clock.advance(4_999)
  expect(market.nowMs()).toBe(5_999)
  // The last seconds before are left out.
  await clock.advance(1)
  expect(market.nowMs()).toBe(10_000)
  await clock.advance(20_000)
  expect(market.nowMs()).toBe(10_000)
  market.standStillAt(Number.POSITIVE_INFINITY)
  expect(market.nowMs()).toBe(26_000)
})

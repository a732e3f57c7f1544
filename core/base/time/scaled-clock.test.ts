import { expect, it } from 'vitest'
import { TestClock } from '#tests/support/test-clock'
import { ScaledClock } from './scaled-clock.ts'

it('lets five hundred seconds pass in one, and wakes sleepers in its own time', async () => {
  const base = new TestClock()
  const startAtMs = Date.UTC(2025, 4, 20)
  const clock = new ScaledClock(base, { startAtMs, speed: 500 })
  let isAwake = false
  const sleeping = clock.sleep(60_000).then(() => {
    isAwake = true
  })
  await base.advance(119)
  expect(clock.nowMs()).toBe(startAtMs + 59_500)
  expect(isAwake).toBe(false)
  await base.advance(1)
  await sleeping
  expect(clock.nowMs()).toBe(startAtMs + 60_000)
  expect(clock.monotonicMs()).toBe(60_000)
})

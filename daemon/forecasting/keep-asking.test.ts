import { expect, it } from 'vitest'
import { minuteMs } from '#core/base/time/units'
import { TestClock } from '#tests/support/test-clock'
import { keepAsking } from './keep-asking.ts'

it('checks all models at once, then those without an answer each minute, until it is stopped', async () => {
  const clock = new TestClock(0)
  const calls: string[] = []
  const shelf = { load: async () => void calls.push('load'), askAgain: async () => void calls.push('again') }
  const asking = keepAsking(shelf, clock)
  await clock.advance(0)
  await clock.advance(2 * minuteMs)
  expect(calls).toEqual(['load', 'again', 'again'])
  asking.stop()
  await asking.finished
  await clock.advance(2 * minuteMs)
  expect(calls).toHaveLength(3)
})

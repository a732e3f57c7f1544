import { expect, it } from 'vitest'
import { TestClock } from '#tests/support/test-clock'
import { withinMs } from './within-ms.ts'

it('gives the result of work that is done in time, and stops waiting', async () => {
  const clock = new TestClock()
  let wasLate = false
  const result = await withinMs(
    clock,
    100,
    async () => 'made',
    () => {
      wasLate = true
      return 'late'
    },
  )
  await clock.advance(1_000)
  expect([result, wasLate]).toEqual(['made', false])
})

it('gives what the caller names when the time is up, and tells the work', async () => {
  const clock = new TestClock()
  let signal: AbortSignal | undefined
  const racing = withinMs(
    clock,
    100,
    (timeUp) => {
      signal = timeUp
      return new Promise<string>(() => {})
    },
    () => 'late',
  )
  await clock.advance(99)
  expect(signal?.aborted).toBe(false)
  await clock.advance(1)
  expect(signal?.aborted).toBe(true)
  expect(await racing).toBe('late')
})

it('fails as the caller says when the time is up', async () => {
  const clock = new TestClock()
  const racing = withinMs(
    clock,
    100,
    () => new Promise<string>(() => {}),
    () => {
      throw new Error('too late')
    },
  )
  const failed = expect(racing).rejects.toThrow('too late')
  await clock.advance(100)
  await failed
})

it.each([
  ['later', () => Promise.reject(new Error('broken'))],
  [
    'at once',
    (): Promise<string> => {
      throw new Error('broken')
    },
  ],
])('passes on the failure of work that fails %s', async (_when, work) => {
  const clock = new TestClock()
  let wasLate = false
  const late = () => {
    wasLate = true
  }
  await expect(withinMs(clock, 100, work, late)).rejects.toThrow('broken')
  await clock.advance(1_000)
  expect(wasLate).toBe(false)
})

it('drops the failure of work that fails after the deadline', async () => {
  const clock = new TestClock()
  const work = async () => {
    await clock.sleep(200)
    throw new Error('too late to matter')
  }
  const racing = withinMs(clock, 100, work, () => 'late')
  await clock.advance(300)
  expect(await racing).toBe('late')
})

import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { TestLogger } from '#tests/support/test-logger'
import { createCronSchedule } from './cron-schedule.ts'

beforeEach(() => vi.useFakeTimers({ now: Date.UTC(2026, 9, 1, 12, 0, 0, 400) }))
afterEach(() => vi.useRealTimers())

it('calls back with the scheduled time, and no more once it is stopped', async () => {
  const ticks: number[] = []
  const task = createCronSchedule({ log: new TestLogger() }).every('*/30 * * * * *', (atMs) => ticks.push(atMs))
  await vi.advanceTimersByTimeAsync(65_000)
  expect(ticks).toEqual([Date.UTC(2026, 9, 1, 12, 0, 30), Date.UTC(2026, 9, 1, 12, 1, 0)])
  task.stop()
  await vi.advanceTimersByTimeAsync(65_000)
  expect(ticks).toHaveLength(2)
})
it('refuses an expression that is none', () => {
  expect(() => createCronSchedule({ log: new TestLogger() }).every('every minute', () => {})).toThrow()
})

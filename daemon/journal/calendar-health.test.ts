import { expect, it } from 'vitest'
import { describeCalendar } from './calendar-health.ts'

it('is ok while a date of each announcement lies ahead', () => {
  expect(describeCalendar([], Date.UTC(2026, 11, 10, 20)).state).toBe('ok')
})

it('names what has run out and what to do, until a later date is added', () => {
  const nowMs = Date.UTC(2027, 0, 2)
  const health = describeCalendar([], nowMs)
  expect(health.state).toBe('notConfigured')
  expect(health.sentence).toContain('consumer prices (the last is 2026-12-10)')
  expect(health.sentence).not.toContain('rate decisions')
  expect(health.hint).toContain('journal.addedEvents')
  const added = [{ name: 'consumerPrices', atMs: nowMs + 1 }]
  expect(describeCalendar(added, nowMs).state).toBe('ok')
})

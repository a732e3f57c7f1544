import { expect, it } from 'vitest'
import { hourMs } from '#core/base/time/units'
import { hasRoomForRound, marketStartMs } from './demo-pace.ts'

it.each([
  ['a Saturday', '2026-11-21T06:00:00Z', '2026-11-17T12:00:00Z'],
  ['the Tuesday itself, later', '2026-11-17T12:00:01Z', '2026-11-17T12:00:00Z'],
  ['the Tuesday itself, earlier', '2026-11-17T11:59:59Z', '2026-11-10T12:00:00Z'],
  ['a Monday', '2026-11-16T23:00:00Z', '2026-11-10T12:00:00Z'],
])('begins on the last Tuesday noon, seen from %s', (_, now, start) => {
  expect(new Date(marketStartMs(Date.parse(now))).toISOString()).toBe(start.replace('Z', '.000Z'))
})

it('begins another round only when the day after it still fits', () => {
  const facts = { longestRoundMs: 10_000, betweenRoundsMs: 8 * hourMs, leapSpeed: 7_200, pending: 10 }
  // 10 s for the round, 16 s for 32 hours, 2 s for ten answers.
  expect(hasRoomForRound({ ...facts, leftMs: 28_100 })).toBe(true)
  expect(hasRoomForRound({ ...facts, leftMs: 28_000 })).toBe(false)
})

import { expect, it } from 'vitest'
import { hourMs } from '#core/base/time/units'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { hasRoomForRound, marketStartMs } from './demo-pace.ts'

it('begins on a Tuesday noon that does not depend on the date, under the newest rules', () => {
  const start = new Date(marketStartMs)
  expect([start.getUTCDay(), start.getUTCHours()]).toEqual([2, 12])
  const newest = buildRegimeBook(builtInRegimes, undefined).timelines.score.at(-1)!
  expect(marketStartMs).toBeGreaterThan(newest.atMs)
})

it('begins another round only when the day after it still fits', () => {
  const facts = { longestRoundMs: 10_000, betweenRoundsMs: 8 * hourMs, leapSpeed: 7_200, pending: 10 }
  // 10 s for the round, 16 s for 32 hours, 2 s for ten answers.
  expect(hasRoomForRound({ ...facts, leftMs: 28_100 })).toBe(true)
  expect(hasRoomForRound({ ...facts, leftMs: 28_000 })).toBe(false)
})

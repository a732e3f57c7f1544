import { expect, it } from 'vitest'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { marketStartMs, roundsIn } from './demo-pace.ts'

it('begins on a Tuesday noon that does not depend on the date, under the newest rules', () => {
  const start = new Date(marketStartMs)
  expect([start.getUTCDay(), start.getUTCHours()]).toEqual([2, 12])
  const newest = buildRegimeBook(builtInRegimes, undefined).timelines.score.at(-1)!
  expect(marketStartMs).toBeGreaterThan(newest.atMs)
})

it('plans its rounds by the minutes asked for, at least one', () => {
  expect([0.1, 0.4, 1, 2].map(roundsIn)).toEqual([1, 1, 3, 8])
})

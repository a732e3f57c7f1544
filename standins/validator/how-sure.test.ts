import { expect, it } from 'vitest'
import { howSure } from './how-sure.ts'

const of = (timeLengthSeconds: number, ratios: readonly number[]) => ({
  stretches: () => [{ timeLengthSeconds, ours: ratios.map((ratio) => 4_000 * ratio), theirs: ratios.map(() => 4_000) }],
})

it.each([
  [
    'a lead that every round has',
    of(3_600, [0.95, 0.96, 0.94, 0.95]),
    /^1h: .*0[.]9.* 4 rounds.*: the lead is not luck/,
  ],
  ['a lead of one round of four', of(3_600, [0.8, 1.02, 1.01, 1.01]), /: it may be luck; run it longer/],
  ['a lag', of(86_400, [1.1, 1.11, 1.09]), /^24h: .*3 days.*: the lag is not luck/],
  ['two days', of(86_400, [0.5, 0.5]), /^24h: 2 days cannot show/],
  ['one round', of(3_600, [0.5]), /^1h: 1 round cannot show/],
])('judges %s', (_, tally, says) => {
  expect(howSure(tally)).toEqual([expect.stringMatching(says)])
})

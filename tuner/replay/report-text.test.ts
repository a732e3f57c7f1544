import { expect, it } from 'vitest'
import { dayMs, minuteMs } from '#core/base/time/units'
import { comparePairs } from '#core/tuning/governance/paired-comparison'
import { comparisonLines } from './report-text.ts'

const btc = (starts: readonly number[]) => {
  const pairs = starts.map((startAtMs) => ({ startAtMs, timeLengthSeconds: 3_600, oldScore: 100, newScore: 101 }))
  return [{ asset: 'BTC', timeLengthSeconds: 3_600, comparison: comparePairs(pairs, 0.95), unpaired: 0 }]
}

it('gives no interval to the prompts of one day', () => {
  const [first, ...others] = comparisonLines('served', 'seed', btc([0, minuteMs])).slice(3)
  expect(first).toMatch(/^BTC +1h +2 +100[.]000 +101[.]000 +1[.]0100 {3}too few days$/)
  expect(others).toEqual(['One day does not show how days differ: too few days to judge.'])
})

it('gives one to the prompts of two days', () => {
  const lines = comparisonLines('served', 'seed', btc([0, dayMs])).slice(3)
  expect(lines).toEqual([expect.stringMatching(/1[.]0100 {3}1[.]0100 to 1[.]0100$/)])
})

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fillLateJoiners, type PromptScoreRow } from './late-joiners.ts'
import { weighCompetition } from './moving-average.ts'
import { softmaxOf } from './softmax.ts'

const scoreRow: fc.Arbitrary<PromptScoreRow> = fc.record({
  minerId: fc.integer({ min: 1, max: 6 }),
  promptScore: fc.oneof(
    { weight: 5, arbitrary: fc.double({ min: 0, max: 200, noNaN: true }) },
    fc.constant(Number.NaN),
  ),
  scoredAtMs: fc.integer({ min: 1, max: 8 }),
  asset: fc.constantFrom('BTC', 'ETH', 'XAU'),
  percentile: fc.option(fc.double({ min: 50, max: 300, noNaN: true })),
  lowestScore: fc.double({ min: 0, max: 50, noNaN: true }),
})
const rows = fc.array(scoreRow, { minLength: 1, maxLength: 40 })

it('fills only before the first row of a miner, and keeps every row', () => {
  fc.assert(
    fc.property(rows, (given) => {
      const frame = fillLateJoiners(given)
      const firstSeen = (minerId: number): number =>
        Math.min(...given.filter((row) => row.minerId === minerId).map((row) => row.scoredAtMs))
      const later = frame.filter((row) => row.scoredAtMs >= firstSeen(row.minerId))
      expect(later).toHaveLength(given.length)
    }),
  )
})

it('pays out the whole coefficient, and less to a worse average', () => {
  fc.assert(
    fc.property(rows, (given) => {
      const rewards = weighCompetition(given, {
        competition: 'any',
        updateAtMs: 100,
        beta: -0.15,
        coefficient: 1 / 3,
        coefficientOf: (asset) => (asset === 'XAU' ? 1.7 : 0.7),
        uidOf: (minerId) => minerId,
      })
      fc.pre(rewards !== null)
      expect(rewards.reduce((sum, { rewardWeight }) => sum + rewardWeight, 0)).toBeCloseTo(1 / 3, 12)
      const byScore = [...rewards].sort((a, b) => a.smoothedScore - b.smoothedScore)
      const weights = byScore.map(({ rewardWeight }) => rewardWeight)
      expect(weights).toEqual([...weights].sort((a, b) => b - a))
    }),
  )
})

it('gives shares that do not depend on a constant added to all scores', () => {
  const scores = fc.array(fc.double({ min: 0, max: 1000, noNaN: true }), { minLength: 1, maxLength: 50 })
  fc.assert(
    fc.property(scores, fc.double({ min: -500, max: 500, noNaN: true }), (values, shift) => {
      const shares = softmaxOf(values, -0.2)
      const shifted = softmaxOf(
        values.map((value) => value + shift),
        -0.2,
      )
      for (const [index, share] of shares.entries()) expect(shifted[index]).toBeCloseTo(share, 9)
    }),
  )
})

import { describe, expect, it } from 'vitest'
import { coverageOf, isLikeTheField } from './coverage.ts'
import type { FieldPrompt } from './field.ts'

/** Ten prompts: uid 0 answered all, uid 1 nine of them, uid 2 the first only; uid 3 none. */
const prompts = Array.from({ length: 10 }, (_, i): FieldPrompt => {
  const crps = [100, i === 0 ? -1 : 100, i === 0 ? 100 : -1, -1]
  const miners = crps.map((value, uid) => ({ uid, crps: value, promptScore: 0 }))
  return { asset: 'BTC', timeLengthSeconds: 3600, scoredAtMs: i, miners }
})

const answering = (count: number) => (prompt: FieldPrompt) => (prompt.scoredAtMs < count ? 100 : undefined)

describe('coverageOf', () => {
  it('is the share of the prompts with a score, ours and that of the median miner among those that have any', () => {
    const ours = (prompt: FieldPrompt) => [100, 100, null][prompt.scoredAtMs]
    expect(coverageOf(prompts, ours)).toEqual({
      ...{ prompts: 10, answered: 2, missed: 1, unrecorded: 7 },
      ...{ realisedCoverage: 0.2, medianCoverage: 0.9 },
    })
    expect(coverageOf([], ours)).toBeNull()
  })
  it('is not like the field where ours is lower by more than a fifth', () => {
    const isLike = (count: number) => isLikeTheField(coverageOf(prompts, answering(count))!)
    expect([10, 8, 6, 0].map(isLike)).toEqual([true, true, false, false])
  })
})

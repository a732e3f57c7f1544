import { describe, expect, it } from 'vitest'
import type { PromptScoreRule } from '../regimes/regime.ts'
import { medianOf } from './median.ts'
import { percentileOf } from './percentile.ts'
import { scorePrompt } from './prompt-scores.ts'

const may: PromptScoreRule = { clip: { kind: 'p90' }, fill: 'p90' }
const july: PromptScoreRule = { clip: { kind: 'none' }, fill: 'p95' }
const autumn: PromptScoreRule = { clip: { kind: 'medianMultiple', multiple: 10 }, fill: 'p95Unclipped' }

describe('scorePrompt', () => {
  it('stores nothing when every answer was missed', () => {
    expect(scorePrompt([-1, -1], may)).toBeNull()
    expect(scorePrompt([], july)).toBeNull()
  })

  it('gives a miss what the worst tenth gets under the p90 cap', () => {
    const result = scorePrompt([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1000, -1], may)
    expect(result).toStrictEqual({
      promptScores: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9],
      percentile: 10,
      lowestScore: 1,
    })
  })

  it('charges a bad answer in full and more than a miss once the cap is gone', () => {
    const scores = scorePrompt([...Array.from({ length: 20 }, (_, i) => i + 1), 500, -1], july)?.promptScores
    expect(scores?.[20]).toBe(499)
    expect(scores?.[21]).toBe(19)
  })

  it('clips at ten medians and leaves the clipped ones out of the percentile', () => {
    const result = scorePrompt([10, 10, 10, 101, 100, -1], autumn)
    expect(result?.wasCapped).toStrictEqual([false, false, false, true, false, false])
    expect(result?.promptScores[3]).toBe(90)
    expect(result?.percentile).toBe(percentileOf([10, 10, 10, 100], 95))
  })

  it('does not clip a field whose median is zero', () => {
    expect(scorePrompt([0, 0, 0, 50], autumn)?.promptScores).toStrictEqual([0, 0, 0, 50])
  })
})

describe('percentileOf and medianOf', () => {
  it('interpolates from the nearer neighbour', () => {
    expect(percentileOf([1, 2], 90)).toBe(2 - 1 * (1 - 0.9))
    expect(percentileOf([7], 95)).toBe(7)
    expect(percentileOf([3, 1, 2], 50)).toBe(2)
  })

  it('is unknown for an empty field and when a value is unknown', () => {
    expect(percentileOf([], 90)).toBeNaN()
    expect(percentileOf([1, Number.NaN], 90)).toBeNaN()
    expect(medianOf([])).toBeNaN()
    expect(medianOf([Number.NaN, 1])).toBeNaN()
  })

  it('takes the mean of the two middle values for even counts', () => {
    expect(medianOf([4, 1, 3, 2])).toBe(2.5)
    expect(medianOf([9, 1, 3])).toBe(3)
  })
})

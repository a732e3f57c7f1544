import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { PromptScoreRule } from '../regimes/regime.ts'
import { percentileOf } from './percentile.ts'
import { scorePrompt } from './prompt-scores.ts'

const rule = fc.constantFrom<PromptScoreRule>(
  { clip: { kind: 'p90' }, fill: 'p90' },
  { clip: { kind: 'none' }, fill: 'p95' },
  { clip: { kind: 'medianMultiple', multiple: 10 }, fill: 'p95Unclipped' },
)
const raw = fc.oneof({ weight: 6, arbitrary: fc.double({ min: 0, max: 1e6, noNaN: true }) }, fc.constant(-1))
const field = fc.array(raw, { minLength: 1, maxLength: 60 }).filter((scores) => scores.some((score) => score !== -1))

it('gives the best answer 0 and no answer less', () => {
  fc.assert(
    fc.property(field, rule, (scores, by) => {
      expect(Math.min(...(scorePrompt(scores, by)?.promptScores ?? []))).toBe(0)
    }),
  )
})

it('gives every miss the fill less the best', () => {
  fc.assert(
    fc.property(field, rule, (scores, by) => {
      const result = scorePrompt(scores, by)
      for (const [index, score] of scores.entries()) {
        if (score === -1)
          expect(result?.promptScores[index]).toBe((result?.percentile ?? 0) - (result?.lowestScore ?? 0))
      }
    }),
  )
})

it('does not depend on the order of the field', () => {
  fc.assert(
    fc.property(field, rule, (scores, by) => {
      const there = scorePrompt(scores, by)
      const back = scorePrompt([...scores].reverse(), by)
      expect([...(back?.promptScores ?? [])].reverse()).toEqual(there?.promptScores)
      expect(back?.percentile).toBe(there?.percentile)
    }),
  )
})

it('never ranks a worse raw score before a better one', () => {
  fc.assert(
    fc.property(field, rule, (scores, by) => {
      const result = scorePrompt(scores, by)
      const valid = scores.flatMap((score, index) => (score === -1 ? [] : [[score, result?.promptScores[index] ?? 0]]))
      const byRaw = valid.sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0)).map((pair) => pair[1] ?? 0)
      expect(byRaw).toEqual([...byRaw].sort((a, b) => a - b))
    }),
  )
})

it('keeps a percentile between the values around it', () => {
  const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 })
  fc.assert(
    fc.property(values, fc.integer({ min: 0, max: 100 }), (list, percent) => {
      const percentile = percentileOf(list, percent)
      const slack = 1e-9
      expect(list.filter((value) => value <= percentile + slack).length).toBeGreaterThanOrEqual(1)
      expect(list.filter((value) => value >= percentile - slack).length).toBeGreaterThanOrEqual(1)
    }),
  )
})

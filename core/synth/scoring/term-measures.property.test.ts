import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makePaths, makeRealPath, mapPaths } from '#tests/support/made-paths'
import { hourBlocks, hourIntervals } from '#tests/support/scoring-rules'
import { AnswerScorer } from './answer-scorer.ts'
import type { TermMeasure } from './term-measures.ts'

const options = {
  stepSeconds: 60,
  intervals: hourIntervals,
  gapMode: 'firstChange',
  detail: 'increments',
  volatilityBlocks: hourBlocks,
} as const
const compiled = new AnswerScorer()
const plain = new AnswerScorer({ largestJobBytes: 0 })

function expectClose(ours: readonly TermMeasure[], reference: readonly TermMeasure[]): void {
  expect(ours.map(({ rank }) => rank)).toEqual(reference.map(({ rank }) => rank))
  for (const [i, { mean, variance }] of ours.entries()) {
    expect(Math.abs(mean - reference[i]!.mean)).toBeLessThanOrEqual(1e-11 * Math.max(1, Math.abs(mean)))
    expect(Math.abs(variance - reference[i]!.variance)).toBeLessThanOrEqual(1e-11 * Math.max(1e-9, variance))
  }
}

describe('AnswerScorer.measureTotal', () => {
  it('says of every term what the reference says, holes in the real path or none', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 65 }),
        fc.integer({ min: 0, max: 1000 }),
        fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 20 }),
        (pathCount, seed, holes) => {
          const walk = { pathCount, pointCount: 61, seed, startPrice: 97_000 }
          const paths = makePaths(walk)
          const real = makeRealPath(walk)
          for (const hole of holes) real[hole] = Number.NaN
          const ours = compiled.measureTotal(paths, real, options)
          const reference = plain.measureTotal(paths, real, options)
          expect(ours.total).toEqual(reference.total)
          expect(ours.plan).toEqual(reference.plan)
          expectClose(ours.terms, reference.terms)
          expectClose(ours.blocks, reference.blocks)
          expect(ours.blocks.map(({ name, observed }) => [name, observed])).toEqual(
            reference.blocks.map(({ name, observed }) => [name, observed]),
          )
          expect(ours.total).toEqual(compiled.scoreTotal(paths, real, options))
        },
      ),
      { numRuns: 60 },
    )
  })

  it('has no measure where a member is no finite number, and none at all of an answer with a price of 0', () => {
    const walk = { pathCount: 40, pointCount: 61, seed: 3 }
    const real = makeRealPath(walk)
    const broken = mapPaths(makePaths(walk), (price, i) => (i === 61 + 30 ? Number.POSITIVE_INFINITY : price))
    const { terms, plan } = compiled.measureTotal(broken, real, { ...options, volatilityBlocks: [] })
    for (const [i, { variance }] of terms.entries()) {
      const isTouched = plan!.from[i] === 30 || plan!.to[i] === 30
      expect(Number.isNaN(variance)).toBe(isTouched)
    }
    const zero = mapPaths(makePaths(walk), (price, i) => (i === 100 ? 0 : price))
    expect(compiled.measureTotal(zero, real, options)).toMatchObject({ plan: null, terms: [], blocks: [] })
  })
})

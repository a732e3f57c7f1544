import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SplitMix64 } from '#core/base/random/rng'
import { columnShapes, makeColumn, toPaths } from '#tests/support/made-columns'
import { makePaths, makeRealPath, mapPaths } from '#tests/support/made-paths'
import { dayIntervals, hourBlocks, hourIntervals } from '#tests/support/scoring-rules'
import { AnswerScorer } from './answer-scorer.ts'
import { type PathMatrix, type ScoreOptions, scoreAnswer } from './crps.ts'
import type { TotalOptions } from './total-score.ts'
import { addVolatility, scoreVolatility } from './volatility.ts'

const scorer = new AnswerScorer()
const hour: TotalOptions = {
  stepSeconds: 60,
  intervals: hourIntervals,
  gapMode: 'firstChange',
  detail: 'increments',
  volatilityBlocks: hourBlocks,
}
const day: ScoreOptions = { ...hour, stepSeconds: 300, intervals: dayIntervals }
const seed = fc.integer({ min: 0, max: 2 ** 31 })
const points = fc.array(fc.nat({ max: 60 }), { maxLength: 12 })

function expectSameBits(paths: PathMatrix, real: Float64Array, options: TotalOptions): void {
  const price = scoreAnswer(paths, real, options)
  const blocks = { stepSeconds: options.stepSeconds, blocks: options.volatilityBlocks }
  expect(scorer.scoreAnswer(paths, real, options)).toStrictEqual(price)
  const total = scorer.scoreTotal(paths, real, options)
  expect(total.price).toStrictEqual(price)
  if (price.failure !== null) {
    expect(total).toStrictEqual({ score: -1, price, volatility: null })
    return
  }
  const volatility = scoreVolatility(paths, real, blocks)
  expect(scorer.scoreVolatility(paths, real, blocks)).toStrictEqual(volatility)
  expect(total.volatility).toStrictEqual(volatility)
  expect(total.score).toBe(addVolatility(price, volatility))
}

/** The same sentence and code from both, or the same result. */
function outcome(action: () => unknown): unknown {
  try {
    return action()
  } catch (error) {
    return String(error)
  }
}

describe('AnswerScorer', () => {
  it('gives the bits of the reference for hours of any size, with missing real prices', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), seed, points, (pathCount, from, missing) => {
        const real = makeRealPath({ pointCount: 61, seed: from })
        for (const point of missing) real[point] = Number.NaN
        expectSameBits(makePaths({ pathCount, pointCount: 61, seed: from }), real, hour)
      }),
      { numRuns: 60 },
    )
  })

  it('gives the bits of the reference for missing, infinite, negative and zero simulated prices', () => {
    const spoiled = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1, -0, 5e-324, 1e308, 1e-300)
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        seed,
        fc.array(fc.tuple(fc.nat(), spoiled), { minLength: 1, maxLength: 30 }),
        (pathCount, from, spoils) => {
          const paths = makePaths({ pathCount, pointCount: 61, seed: from })
          for (const [index, price] of spoils) paths.values[index % paths.values.length] = price
          expectSameBits(paths, makeRealPath({ pointCount: 61, seed: from }), hour)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('gives the bits of the reference for whole, tied and float32 prices', () => {
    const roundings = [(x: number) => Math.round(x), Math.fround, (x: number) => Math.floor(x * 10) / 10, () => 7]
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        seed,
        fc.constantFrom(...roundings),
        (pathCount, from, rounding) => {
          const paths = mapPaths(makePaths({ pathCount, pointCount: 61, seed: from }), (x) => rounding(x))
          expectSameBits(paths, makeRealPath({ pointCount: 61, seed: from }).map(rounding), hour)
        },
      ),
      { numRuns: 40 },
    )
  })

  it('gives the bits of the reference for paths whose points are awkward columns', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        seed,
        fc.array(fc.constantFrom(...columnShapes), { minLength: 13, maxLength: 13 }),
        (pathCount, from, chosen) => {
          const paths = toPaths(chosen.map((shape, point) => makeColumn(shape, pathCount, from + point)))
          const real = new Float64Array(13)
          const rng = new SplitMix64(BigInt(from))
          for (let i = 0; i < 13; i += 1) real[i] = paths.values[Math.floor(rng.next() * paths.values.length)]!
          const intervals = [
            { name: '1min', seconds: 60 },
            { name: '1min_abs', seconds: 60 },
            { name: '0_3min_gaps', seconds: 180 },
          ]
          expectSameBits(paths, real, { ...hour, intervals, volatilityBlocks: hourBlocks.slice(2) })
          expectSameBits(
            mapPaths(paths, (x) => x || 1),
            real,
            { ...hour, intervals, volatilityBlocks: hourBlocks.slice(2) },
          )
        },
      ),
      { numRuns: 150 },
    )
  })

  it.each([1, 999, 1000])('gives the bits of the reference for a day of %i paths', (pathCount) => {
    const paths = makePaths({ pathCount, pointCount: 289, seed: pathCount, startPrice: 64_231.4 })
    const real = makeRealPath({ pointCount: 289, seed: pathCount, startPrice: 64_231.4 })
    real[17] = Number.NaN
    expect(scorer.scoreAnswer(paths, real, day)).toStrictEqual(scoreAnswer(paths, real, day))
  })

  it('gives the bits of the reference for a day in which one path has exploded', () => {
    const paths = makePaths({ pathCount: 500, pointCount: 289, seed: 3 })
    for (let point = 1; point < 289; point += 1) paths.values[7 * 289 + point] = 1e6 * (1 + (point % 2) * 1e6)
    const real = makeRealPath({ pointCount: 289, seed: 3 })
    expect(scorer.scoreAnswer(paths, real, day)).toStrictEqual(scoreAnswer(paths, real, day))
  })

  it('sums volatility blocks of more than 128 returns as the reference does', () => {
    const paths = makePaths({ pathCount: 31, pointCount: 700, seed: 9 })
    const real = makeRealPath({ pointCount: 700, seed: 9 })
    const blocks = [129, 146, 300, 699].map((steps) => ({ ...hourBlocks[0]!, name: `${steps}`, seconds: 60 * steps }))
    expectSameBits(paths, real, { ...hour, volatilityBlocks: blocks })
  })

  it('falls back to the reference when a job is larger than its memory may be', () => {
    const small = new AnswerScorer({ largestJobBytes: 100_000 })
    const paths = makePaths({ pathCount: 300, pointCount: 61, seed: 4 })
    const real = makeRealPath({ pointCount: 61, seed: 4 })
    expect(small.scoreTotal(paths, real, hour)).toStrictEqual(scorer.scoreTotal(paths, real, hour))
    expect(small.memoryBytes).toBeLessThan(200_000)
  })

  it('fails where and as the reference fails', () => {
    const lengths = fc.integer({ min: 1, max: 12 })
    const interval = fc.record({
      name: fc.constantFrom('a', 'b_abs', 'c_gaps'),
      seconds: fc.integer({ min: 0, max: 700 }),
    })
    fc.assert(
      fc.property(
        lengths,
        fc.nat({ max: 12 }),
        seed,
        fc.array(interval, { maxLength: 4 }),
        (simulated, seen, from, intervals) => {
          const paths = makePaths({ pathCount: 3, pointCount: simulated, seed: from })
          const real = seen === 0 ? new Float64Array() : makeRealPath({ pointCount: seen, seed: from })
          const options = { ...hour, intervals }
          expect(outcome(() => scorer.scoreAnswer(paths, real, options))).toStrictEqual(
            outcome(() => scoreAnswer(paths, real, options)),
          )
          const blocks = intervals.map((part) => ({ ...part, weightNumerator: 1, weightDenominator: 2 }))
          expect(outcome(() => scorer.scoreVolatility(paths, real, { stepSeconds: 60, blocks }))).toStrictEqual(
            outcome(() => scoreVolatility(paths, real, { stepSeconds: 60, blocks })),
          )
        },
      ),
      { numRuns: 300 },
    )
  })
})

import { describe, expect, it } from 'vitest'
import { readJson } from './answer-json.ts'
import { pathMatrixOf } from './answer-paths.ts'
import { type PredictionRule, scorePrediction, totalRowsOf } from './score-prediction.ts'
import { storedScoreOf } from './stored-score.ts'

const rule: PredictionRule = {
  stepSeconds: 60,
  intervals: [{ name: '1min', seconds: 60 }],
  gapMode: 'firstChange',
  detail: 'totals',
  totalScore: 'price',
  volatilityBlocks: [{ name: 'vol_2min', seconds: 120, weightNumerator: 2, weightDenominator: 1 }],
  nonFinite: 'all',
  rounding: 'float64',
}

function matrixOf(text: string) {
  const reading = readJson(text)
  if (!reading.ok) throw new Error(reading.problem.message)
  return pathMatrixOf(reading.tape, 0)
}

function paths(text: string) {
  const matrix = matrixOf(text)
  if (matrix === null) throw new Error('no paths')
  return matrix
}

describe('pathMatrixOf', () => {
  it('reads what follows start and increment, with null as missing', () => {
    expect(matrixOf('[0,60,[1,2.5],[null,4]]')).toEqual({
      pathCount: 2,
      pointCount: 2,
      values: Float64Array.of(1, 2.5, Number.NaN, 4),
    })
  })

  it('still reads the object format of 2025, which has no header', () => {
    const text = '[[{"time":"a","price":1}],[{"time":"a","price":2}],[{"time":"a","price":3}]]'
    expect(matrixOf(text)?.values).toEqual(Float64Array.of(1, 2, 3))
  })

  it.each(['null', '[]', '[0,60]', '{"a":1}', '[0,60,[1],[1,2]]'])('finds nothing to score in %s', (text) =>
    expect(matrixOf(text)).toBeNull(),
  )
})

describe('scorePrediction', () => {
  it('adds the volatility term only under a rule that has it', () => {
    const answer = paths('[0,60,[100,101,100],[100,102,101]]')
    const real = [100, 103, 101]
    const price = scorePrediction(answer, real, rule)
    const both = scorePrediction(answer, real, { ...rule, totalScore: 'pricePlusVol' })
    expect(price.volatility).toBeNull()
    expect(both.total).toBe(price.total + (both.volatility?.total ?? Number.NaN))
    expect(totalRowsOf(both).map(({ name }) => name)).toEqual(['1min', 'vol_2min', 'Vol', 'Overall'])
  })

  it('scores what the storage left of the prices', () => {
    const answer = paths('[0,60,[100,100.0000001,100]]')
    const real = [100, 100, 100]
    expect(scorePrediction(answer, real, rule).total).toBeGreaterThan(0)
    expect(scorePrediction(answer, real, { ...rule, rounding: 'float32' }).total).toBe(0)
  })

  it('stores a miss for a zero price, an empty real path and a path of another length', () => {
    const miss = { score: -1, isFailed: true }
    const answer = paths('[0,60,[100,0,100]]')
    expect(scorePrediction(answer, [100, 101, 102], rule)).toMatchObject({
      stored: miss,
      problem: 'zeroPrice',
      total: -1,
    })
    expect(scorePrediction(answer, [], rule)).toMatchObject({ stored: miss, problem: 'noRealPath' })
    const short = scorePrediction(paths('[0,60,[100,101]]'), [100, 101, 102], rule)
    expect(short).toMatchObject({ stored: miss, problem: { code: 'SCORING_SHAPE_MISMATCH' } })
  })
})

describe('storedScoreOf', () => {
  it('keeps an infinite total until the rule that refuses it', () => {
    const infinite = { kind: 'scored', score: Number.POSITIVE_INFINITY } as const
    expect(storedScoreOf(infinite, 'nanOnly')).toEqual({ score: Number.POSITIVE_INFINITY, isFailed: false })
    expect(storedScoreOf(infinite, 'all')).toEqual({ score: -1, isFailed: true })
  })

  it('stores NaN and every failure as a miss, and a perfect score as 0', () => {
    expect(storedScoreOf({ kind: 'scored', score: Number.NaN }, 'nanOnly').score).toBe(-1)
    expect(storedScoreOf({ kind: 'failed' }, 'nanOnly').score).toBe(-1)
    expect(storedScoreOf({ kind: 'scored', score: 0 }, 'all')).toEqual({ score: 0, isFailed: false })
  })

  it('takes a genuine total of exactly -1 for a miss, as the validator does', () => {
    expect(storedScoreOf({ kind: 'scored', score: -1 }, 'all').isFailed).toBe(true)
  })
})

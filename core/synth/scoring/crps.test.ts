import { describe, expect, it } from 'vitest'
import type { DetailLevel } from './answer-score.ts'
import { ensembleCrps, type PathMatrix, scoreAnswer } from './crps.ts'
import { ScoringError } from './score-plan.ts'

const nan = Number.NaN
const crps = (members: readonly number[], observed: number) => ensembleCrps(Float64Array.from(members), observed)

function matrix(...paths: readonly (readonly number[])[]): PathMatrix {
  return { pathCount: paths.length, pointCount: paths[0]!.length, values: Float64Array.from(paths.flat()) }
}

function score(
  paths: PathMatrix,
  real: readonly number[],
  intervals: Readonly<Record<string, number>>,
  detail: DetailLevel = 'increments',
) {
  return scoreAnswer(paths, real, {
    stepSeconds: 60,
    intervals: Object.entries(intervals).map(([name, seconds]) => ({ name, seconds })),
    gapMode: 'firstChange',
    detail,
  })
}

describe('ensembleCrps', () => {
  it('is the distance for a single member, on either side', () => {
    expect(crps([3], 5)).toBe(2)
    expect(crps([5], 3)).toBe(2)
  })

  it('is mean distance to the truth less half the mean distance between members', () => {
    // |1-2|, |2-2|, |4-2| -> 1; pairs: (1 + 3 + 2) * 2 / 9 / 2
    expect(crps([4, 1, 2], 2)).toBeCloseTo(1 - 6 / 9, 15)
  })

  it('adds up F instead of dividing k by n', () => {
    const members = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    let cdf = 0
    let byAddition = 0
    let byDivision = 0
    for (let k = 1; k < 10; k += 1) {
      cdf += 1 / 10
      byAddition += cdf * cdf
      byDivision += (k / 10) * (k / 10)
    }
    expect(byAddition).not.toBe(byDivision)
    expect(crps(members, 9)).toBe(byAddition)
  })

  it('leaves missing members out and has no answer without any', () => {
    expect(crps([nan, 4, nan, 1, 2], 2)).toBe(crps([4, 1, 2], 2))
    expect(crps([nan, nan], 2)).toBeNaN()
    expect(crps([1, 2], nan)).toBeNaN()
  })
})

describe('scoreAnswer', () => {
  it('numbers the observed increments, then gives the total of each interval and of all', () => {
    const paths = matrix([100, 110, 121, 133.1])
    const { score: total, details } = score(paths, [100, 110, nan, 100], { '1min': 60, '3min_abs': 180 })
    expect(details).toStrictEqual([
      ['1min', 1, 0],
      ['1min', 'Total', 0],
      ['3min_abs', 1, ((133.1 - 100) / 100) * 10_000],
      ['3min_abs', 'Total', ((133.1 - 100) / 100) * 10_000],
      ['Overall', 'Total', total],
    ])
  })

  it('divides absolute terms by the last real price, whatever their own price', () => {
    const { details } = score(matrix([10, 21, 40]), [10, 20, 40], { '1min_abs': 60 })
    expect(details[0]).toStrictEqual(['1min_abs', 1, (1 / 40) * 10_000])
  })

  it('gives an interval without observed changes a total of 0', () => {
    expect(score(matrix([10, 21, 40]), [10, nan, 40], { '1min': 60 }).details[0]).toStrictEqual(['1min', 'Total', 0])
  })

  it('gives no row to an interval that the path is too short for', () => {
    expect(score(matrix([10, 21]), [10, 20], { '1hour': 3600 }).details).toStrictEqual([['Overall', 'Total', 0]])
  })

  it.each([0, -0])('fails the whole answer for one price of %d, even off the grid', (price) => {
    const paths = matrix([10, 11, 12], [10, price, 12])
    expect(score(paths, [10, 11, 12], { '2min': 120 })).toStrictEqual({ score: -1, failure: 'zeroPrice', details: [] })
  })

  it('meets an impossible first interval before a zero price, and a zero price before a later one', () => {
    const paths = matrix([10, 0, 12])
    expect(() => score(paths, [10, 11, 12], { '1s': 1, '1min': 60 })).toThrow(ScoringError)
    expect(score(paths, [10, 11, 12], { '1min': 60, '1s': 1 }).failure).toBe('zeroPrice')
  })

  it('has no number when all members of an observed increment are missing', () => {
    expect(score(matrix([10, nan, 12]), [10, 11, 12], { '1min': 60 }).score).toBeNaN()
    expect(score(matrix([10, nan, 12]), [10, nan, 12], { '1min': 60, '2min': 120 }).score).toBe(0)
  })

  it('sums run by run: a missing price changes the order of additions', () => {
    // Increments 1e16-like, 1, then after the gap 1: as one run of additions the last two would both be lost.
    const paths = matrix([1, 1e12, 1e12 * (1 + 1e-4), nan, 1, 1 + 1e-4, 1 + 2e-4])
    const { details } = score(paths, [1, 1, 1, nan, 1, 1, 1], { '1min': 60 })
    const terms = details.filter(([, increment]) => increment !== 'Total').map(([, , value]) => value)
    expect(terms).toHaveLength(4)
    expect(details.at(-1)?.[2]).toBe(terms[0]! + terms[1]! + (terms[2]! + terms[3]!))
  })

  it('folds the gap intervals into one row, unless they sum to 0', () => {
    const intervals = { '1min': 60, '0_1min_gaps': 60, '0_2min_gaps': 120 }
    const folded = score(matrix([100, 101, 103]), [100, 100, 100], intervals, 'folded')
    expect(folded.details.map(([name]) => name)).toStrictEqual(['1min', 'Gaps', 'Overall'])
    expect(folded.details[1]?.[2]).toBe(((101 - 100) / 100) * 10_000 + ((103 - 100) / 100) * 10_000)
    const perfect = score(matrix([100, 101, 103]), [100, 101, 103], intervals, 'folded')
    expect(perfect.details.map(([name]) => name)).toStrictEqual(['1min', 'Overall'])
  })

  it('gives the same score at every level of detail', () => {
    const paths = matrix([100, 101, 103], [100, 99, 98])
    const levels: DetailLevel[] = ['increments', 'totals', 'folded', 'none']
    const scores = levels.map(
      (level) => score(paths, [100, 100.5, 99], { '1min': 60, '0_2min_gaps': 120 }, level).score,
    )
    expect(new Set(scores).size).toBe(1)
    expect(score(paths, [100, 100.5, 99], { '1min': 60 }, 'none').details).toStrictEqual([])
  })

  it('refuses an answer without paths or with loose ends', () => {
    const empty = { pathCount: 0, pointCount: 3, values: new Float64Array() }
    expect(() => score(empty, [1, 2, 3], {})).toThrow('0 paths of 3 points')
    const loose = { pathCount: 2, pointCount: 3, values: new Float64Array(5) }
    expect(() => score(loose, [1, 2, 3], {})).toThrow('cannot have 5 prices')
  })
})

import { describe, expect, it } from 'vitest'
import { changeBps, noStart, planScore, ScoringError } from './score-plan.ts'

const nan = Number.NaN

function plan(real: readonly number[], name: string, seconds: number, pointCount = real.length) {
  return planScore(pointCount, real, { stepSeconds: 60, intervals: [{ name, seconds }], gapMode: 'firstChange' })
}

function codeOf(action: () => unknown): string | undefined {
  try {
    action()
  } catch (error) {
    return error instanceof ScoringError ? error.code : String(error)
  }
  return undefined
}

describe('planScore', () => {
  it('compares non-overlapping changes and drops a trailing part', () => {
    const { from, to } = plan([1, 2, 3, 4, 5, 6, 7, 8], '3min', 180)
    expect(from).toStrictEqual([0, 3])
    expect(to).toStrictEqual([3, 6])
  })

  it('takes only the first change of a gap interval, from point 0', () => {
    const { from, to } = plan([1, 2, 3, 4, 5, 6, 7], '0_2min_gaps', 120)
    expect(from).toStrictEqual([0])
    expect(to).toStrictEqual([2])
  })

  it('does not take the singular suffix for a gap', () => {
    expect(plan([1, 2, 3, 4, 5], '0_2min_gap', 120).to).toStrictEqual([2, 4])
  })

  it('scored gap intervals as ordinary ones before the rule was mended', () => {
    const { to, intervals } = planScore(5, [1, 2, 3, 4, 5], {
      stepSeconds: 60,
      intervals: [{ name: '0_2min_gaps', seconds: 120 }],
      gapMode: 'ordinary',
    })
    expect(to).toStrictEqual([2, 4])
    expect(intervals[0]?.isGap).toBe(false)
  })

  it('compares prices, without the first, in an absolute interval', () => {
    const { from, to, observed } = plan([10, 20, 30, 40, 50], '2min_abs', 120)
    expect(from).toStrictEqual([noStart, noStart])
    expect(to).toStrictEqual([2, 4])
    expect(observed).toStrictEqual([30, 50])
  })

  it('shrinks an absolute interval that is longer than the real path', () => {
    expect(plan([1, 2, 3], '60min_abs', 3600).to).toStrictEqual([2])
    expect(plan([1, 2, 3], '60min', 3600).intervals).toStrictEqual([])
  })

  it('does not shrink an absolute interval for missing prices', () => {
    expect(plan([1, 2, nan, nan, 5], '4min_abs', 240).to).toStrictEqual([4])
    expect(plan([1, 2, 3, 4, nan], '4min_abs', 240).intervals[0]?.blocks).toStrictEqual([])
  })

  it('loses both changes that touch a missing price and starts a new block after it', () => {
    const { from, intervals } = plan([1, 2, 3, nan, 5, 6, 7], '1min', 60)
    expect(from).toStrictEqual([0, 1, 4, 5])
    expect(intervals[0]?.blocks).toStrictEqual([
      { start: 0, end: 2 },
      { start: 2, end: 4 },
    ])
  })

  it('is not hurt by a price that is missing off the grid of the interval', () => {
    expect(plan([1, nan, 3, nan, 5], '2min', 120).to).toStrictEqual([2, 4])
  })

  it('keeps an interval whose real changes are all missing, and skips one that has none', () => {
    expect(plan([1, nan, 3], '1min', 60).intervals).toHaveLength(1)
    expect(plan([1], '1min', 60).intervals).toHaveLength(0)
    expect(plan([], '1min', 60, 3).intervals).toHaveLength(0)
  })

  it('refuses an interval below one step', () => {
    expect(codeOf(() => plan([1, 2], '30s', 30))).toBe('SCORING_INTERVAL_TOO_SHORT')
  })

  it('refuses paths of another length, once there is something to compare', () => {
    expect(codeOf(() => plan([1, 2, 3], '1min', 60, 4))).toBe('SCORING_SHAPE_MISMATCH')
    expect(codeOf(() => plan([1, 2, 3], '1min', 60, 2))).toBe('SCORING_SHAPE_MISMATCH')
    expect(codeOf(() => plan([nan, nan, nan], '1min', 60, 2))).toBeUndefined()
    expect(codeOf(() => plan([1, 2, 3], '2min', 120, 4))).toBeUndefined()
  })
})

describe('changeBps', () => {
  it('subtracts, divides, then multiplies: another order ends in other bits', () => {
    expect(changeBps(103_251.37, 103_260.11)).toBe(((103_260.11 - 103_251.37) / 103_251.37) * 10_000)
    expect(changeBps(103_251.37, 103_260.11)).not.toBe((103_260.11 / 103_251.37 - 1) * 10_000)
  })
})

import { describe, expect, it } from 'vitest'
import { hourMs } from '#core/base/time/units'
import { KahanSum } from './kahan.ts'
import { fillLateJoiners, type PromptScoreRow } from './late-joiners.ts'
import { type AverageOptions, weighCompetition } from './moving-average.ts'
import { smoothScores } from './smoothed-scores.ts'

function aRow(row: Partial<PromptScoreRow> & { minerId: number; hour: number }): PromptScoreRow {
  const { hour, ...rest } = row
  return { promptScore: 10, scoredAtMs: hour * hourMs, asset: 'BTC', percentile: 100, lowestScore: 40, ...rest }
}

const options: AverageOptions = {
  competition: 'Crypto 1h',
  updateAtMs: 100 * hourMs,
  beta: -0.1,
  coefficient: 0.5,
  coefficientOf: () => 1,
  uidOf: (minerId) => minerId,
}

describe('fillLateJoiners', () => {
  it('gives a new miner the worst score of every prompt strictly before its first row', () => {
    const rows = [
      aRow({ minerId: 1, hour: 1 }),
      aRow({ minerId: 1, hour: 2 }),
      aRow({ minerId: 2, hour: 2, promptScore: 3 }),
    ]
    const frame = fillLateJoiners(rows)
    expect(frame.map((row) => [row.scoredAtMs / hourMs, row.minerId, row.promptScore])).toEqual([
      [1, 1, 10],
      [1, 2, 60],
      [2, 1, 10],
      [2, 2, 3],
    ])
  })

  it('fills nothing for a miner that was there from the start, whatever it lacks later', () => {
    const rows = [aRow({ minerId: 1, hour: 1 }), aRow({ minerId: 2, hour: 1 }), aRow({ minerId: 2, hour: 2 })]
    expect(fillLateJoiners(rows)).toHaveLength(3)
  })

  it('takes worst score and asset from the first row of a time that two assets share', () => {
    const rows = [
      aRow({ minerId: 1, hour: 1, asset: 'XAU', percentile: 70 }),
      aRow({ minerId: 3, hour: 1, asset: 'BTC', percentile: 90 }),
      aRow({ minerId: 2, hour: 2 }),
    ]
    expect(fillLateJoiners(rows)).toContainEqual({ minerId: 2, promptScore: 30, scoredAtMs: hourMs, asset: 'XAU' })
  })

  it('fills nothing for a prompt without a percentile', () => {
    const rows = [aRow({ minerId: 1, hour: 1, percentile: null }), aRow({ minerId: 2, hour: 2 })]
    expect(fillLateJoiners(rows)).toHaveLength(2)
  })
})

describe('smoothScores', () => {
  it('weighs by asset over the rows of the miner itself', () => {
    const frame = [
      aRow({ minerId: 1, hour: 1, promptScore: 10 }),
      aRow({ minerId: 1, hour: 2, promptScore: 40, asset: 'XAU' }),
    ]
    expect(smoothScores(frame, (asset) => (asset === 'XAU' ? 2 : 1))).toEqual([{ minerId: 1, score: 10 / 3 + 80 / 3 }])
  })

  it('counts a row without a score in neither sum', () => {
    const frame = [aRow({ minerId: 1, hour: 1 }), aRow({ minerId: 1, hour: 2, promptScore: Number.NaN })]
    expect(smoothScores(frame, () => 1)).toEqual([{ minerId: 1, score: 10 }])
  })

  it('is infinite for a miner that never scored', () => {
    const frame = [aRow({ minerId: 1, hour: 1, promptScore: Number.NaN })]
    expect(smoothScores(frame, () => 1)).toEqual([{ minerId: 1, score: Number.POSITIVE_INFINITY }])
  })
})

describe('KahanSum', () => {
  it('keeps what a plain sum loses', () => {
    const sum = new KahanSum()
    for (const value of [1, ...Array.from({ length: 10 }, () => 1e-16)]) sum.add(value)
    expect(sum.total).toBe(1 + 1e-15)
  })

  it('stays infinite after an infinite term', () => {
    const sum = new KahanSum()
    for (const value of [1, Number.POSITIVE_INFINITY, 2]) sum.add(value)
    expect(sum.total).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('weighCompetition', () => {
  it('hands out its coefficient among those who hold a uid', () => {
    const rows = [1, 2, 3].map((minerId) => aRow({ minerId, hour: 1, promptScore: minerId }))
    const rewards = weighCompetition(rows, { ...options, uidOf: (minerId) => (minerId === 1 ? null : minerId + 100) })
    expect(rewards?.map(({ minerUid }) => minerUid)).toEqual([102, 103])
    expect(rewards?.reduce((sum, { rewardWeight }) => sum + rewardWeight, 0)).toBeCloseTo(0.5, 14)
  })

  it('leaves out a miner that is too far behind for a weight above zero', () => {
    const rows = [aRow({ minerId: 1, hour: 1, promptScore: 0 }), aRow({ minerId: 2, hour: 1, promptScore: 1e5 })]
    expect(weighCompetition(rows, options)?.map(({ minerId }) => minerId)).toEqual([1])
  })

  it('cuts rows after the update, but still lets them tell when a miner joined', () => {
    const rows = [aRow({ minerId: 1, hour: 1 }), aRow({ minerId: 2, hour: 5, promptScore: 0 })]
    const rewards = weighCompetition(rows, { ...options, updateAtMs: 2 * hourMs })
    expect(rewards?.map(({ smoothedScore }) => smoothedScore)).toEqual([10, 60])
  })

  it('is empty when nobody scored', () => {
    expect(weighCompetition([aRow({ minerId: 1, hour: 1, promptScore: Number.NaN })], options)).toBeNull()
    expect(weighCompetition([], options)).toBeNull()
  })
})

import { describe, expect, it } from 'vitest'
import { makeScoredRows } from '#tests/support/scored-rows'
import { bucketOf, bucketScores } from './buckets.ts'

describe('bucketOf', () => {
  it.each([
    ['1min', 'short'],
    ['5min', 'short'],
    ['15min', 'medium'],
    ['30min', 'medium'],
    ['3hour', 'long'],
    ['24hour_abs', 'long'],
    ['60min_abs', 'long'],
    ['0_5min_gaps', 'gaps'],
    ['Gaps', 'gaps'],
    ['vol_15min', 'volatility'],
    ['Vol', undefined],
    ['Overall', undefined],
  ])('puts %s to %s', (name, bucket) => expect(bucketOf(name)).toBe(bucket))
})

describe('bucketScores', () => {
  const rows = makeScoredRows({ days: 10 })
  it('adds up to the whole', () => {
    const scores = bucketScores(rows, new Map(), 1)
    expect(scores.map(({ bucket, mean, share }) => [bucket, mean, share])).toEqual([
      ['short', 2400, 0.6],
      ['medium', 1600, 0.4],
    ])
    expect(scores[0]).toMatchObject({ prompts: 80, median: 2400, sd: 0 })
  })
  it('compares each part with the same part of a baseline, weights of blocks included', () => {
    const part = { name: 'vol_5min', crps: 10, weight: 2 }
    const own = rows.map((row) => ({ ...row, rows: [...row.rows, part] }))
    const theirs = rows.map((row) => ({
      ...row,
      model: 'reference',
      rows: row.rows.map((each) => (each.name === '5min' ? { ...each, crps: each.crps * 0.5 } : each)),
    }))
    const scores = bucketScores(own, new Map([['reference', theirs]]), 1)
    expect(scores.map(({ bucket, baselines }) => [bucket, baselines[0]?.ratio])).toEqual([
      ['short', 2],
      ['medium', 1],
      // The baseline was scored under rules without the term.
      ['volatility', undefined],
    ])
    expect(scores[2]!.mean).toBe(20)
  })
})

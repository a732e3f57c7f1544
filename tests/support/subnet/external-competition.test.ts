import { describe, expect, it } from 'vitest'
import type { RewardRow } from '#core/synth/scoring/moving-average'
import { addOwnerShare, combineCompetitions } from './combine.ts'
import { weighExternalScores } from './external-competition.ts'
import { parseExternalScores } from './external-scores.ts'

const rule = { zeroScore: 'winner', degenerate: 'skip' } as const
const body = (...rows: unknown[]): string => JSON.stringify({ scores: rows })
const row = (uid: unknown, score: unknown, weight: unknown = 0.5) => ({ uid, weight, mean_crps: score })

describe('parseExternalScores', () => {
  it('drops rows that cannot be read, and keeps 0 as the winner', () => {
    const text = body(row(1, 0), row('7', ' 2.5 '), row('x', 1), row(3, null), row(4, -1), row(5, 1, 0), 'row')
    expect(parseExternalScores(text, rule)).toEqual({
      ok: true,
      scores: [
        { uid: 1, score: 0 },
        { uid: 7, score: 2.5 },
      ],
    })
  })

  it('dropped 0 under the first texts', () => {
    const result = parseExternalScores(body(row(1, 0), row(2, 3)), { zeroScore: 'dropped', degenerate: 'keep' })
    expect(result).toEqual({ ok: true, scores: [{ uid: 2, score: 3 }] })
  })

  it.each([
    ['{', 'unreadable'],
    ['[]', 'unreadable'],
    ['{}', 'empty'],
    ['{"scores": null}', 'raised'],
    ['{"scores": 5}', 'raised'],
    ['{"scores": "abc"}', 'empty'],
    [body(row(1, 7), row(2, 7)), 'placeholder'],
  ])('leaves the blend out for %s', (text, reason) => {
    expect(parseExternalScores(text, rule)).toEqual({ ok: false, reason })
  })
})

const blend = { competition: 'VHFT 10s', beta: -4, coefficient: 1 / 3, minParticipants: 3, maxParticipants: 4 }
const scores = [1, 2, 3, 4, 5].map((uid) => ({ uid, score: uid / 10 }))
const identities = (...uids: number[]) => new Map(uids.map((uid) => [uid, uid + 1000]))

describe('weighExternalScores', () => {
  it('counts only participants that hold an identity, within the bounds', () => {
    const weigh = (...uids: number[]) => weighExternalScores(scores, { ...blend, minerIdOf: identities(...uids) })
    expect(weigh(1, 2)).toBeNull()
    expect(weigh(1, 2, 3)?.map(({ minerId }) => minerId)).toEqual([1001, 1002, 1003])
    expect(weigh(1, 2, 3, 4, 5)).toBeNull()
    expect(weighExternalScores(scores, { ...blend, minerIdOf: null })).toBeNull()
  })

  it('hands out the same share as the other competitions', () => {
    const rewards = weighExternalScores(scores, { ...blend, minerIdOf: identities(1, 2, 3) }) ?? []
    expect(rewards.reduce((sum, { rewardWeight }) => sum + rewardWeight, 0)).toBeCloseTo(1 / 3, 14)
  })
})

describe('the weights that are set', () => {
  const reward = (minerId: number, rewardWeight: number, competition: string): RewardRow => ({
    minerId,
    minerUid: minerId + 100,
    smoothedScore: 1,
    rewardWeight,
    competition,
  })

  it('adds a miner up over the competitions and keeps the first one as its label', () => {
    const combined = combineCompetitions([[reward(1, 0.1, 'a')], [], [reward(2, 0.2, 'b'), reward(1, 0.3, 'b')]])
    expect(combined).toEqual([reward(1, 0.1 + 0.3, 'a'), reward(2, 0.2, 'b')])
  })

  it('gives the owner as much as all miners together, or nothing', () => {
    const rewards = [reward(1, 0.25, 'a'), reward(2, 0.5, 'a')]
    const miners = [
      { uid: 101, weight: 0.25 },
      { uid: 102, weight: 0.5 },
    ]
    expect(addOwnerShare(rewards, { rule: 'none', uid: 248 })).toEqual(miners)
    expect(addOwnerShare(rewards, { rule: 'equalToSum', uid: 248 })).toEqual([...miners, { uid: 248, weight: 0.75 }])
  })
})

import { z } from 'zod'
import { weighExternalScores } from '#tests/support/subnet/external-competition'
import { parseExternalScores } from '#tests/support/subnet/external-scores'
import { combineCase, compareCombinations } from './combine.ts'
import { firstDifference } from './compare.ts'
import { expectedRewardRow, rewardTolerance, toVectorRow } from './reward-rows.ts'
import { caseList, compareCases, defineSuite, expectedError, expectedNumber, vectorNumber } from './suite.ts'

const providerSchema = z.strictObject({
  cases: caseList(
    z.strictObject({
      id: z.string(),
      body: z.string(),
      http_error: z.boolean(),
      expected: z.union([z.array(z.tuple([z.number(), expectedNumber])), z.null(), z.string(), expectedError]),
    }),
  ),
})

export const vhftProvider = defineSuite(providerSchema, ({ cases }) => ({
  cases: compareCases(
    cases,
    ({ id }) => id,
    ({ body, http_error, expected }) => {
      // A failed call never reaches the parser.
      if (http_error) return firstDifference(null, expected)
      const result = parseExternalScores(body, { zeroScore: 'winner', degenerate: 'skip' })
      if (result.ok)
        return firstDifference(
          result.scores.map(({ uid, score }) => [uid, score]),
          expected,
        )
      return firstDifference(result.reason === 'raised' ? '!raises TypeError' : null, expected)
    },
  ),
}))

const blendCase = z.strictObject({
  id: z.string(),
  scores: z.array(z.tuple([z.number(), vectorNumber])),
  uid_to_miner_id: z.record(z.string(), z.number()).nullable(),
  scored_time: z.string(),
  beta: z.number(),
  coefficient: z.number(),
  expected: z.array(expectedRewardRow).nullable(),
})
const blendSchema = z.strictObject({
  min_participants: z.number(),
  max_participants: z.number(),
  cases: caseList(blendCase),
  combine: caseList(combineCase),
})

export const vhftBlend = defineSuite(blendSchema, ({ min_participants, max_participants, cases, combine }) => ({
  cases: compareCases(
    cases,
    ({ id }) => id,
    (item) => {
      const map = item.uid_to_miner_id
      const rewards = weighExternalScores(
        item.scores.map(([uid, score]) => ({ uid, score })),
        {
          competition: 'VHFT 10s',
          beta: item.beta,
          coefficient: item.coefficient,
          minParticipants: min_participants,
          maxParticipants: max_participants,
          minerIdOf: map === null ? null : new Map(Object.entries(map).map(([uid, id]) => [Number(uid), id])),
        },
      )
      const actual = rewards?.map((row) => toVectorRow(row, item.scored_time)) ?? null
      return firstDifference(actual, item.expected, rewardTolerance)
    },
  ),
  combine: compareCombinations(combine),
}))

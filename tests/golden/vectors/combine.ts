import { z } from 'zod'
import { combineCompetitions } from '#tests/support/subnet/combine'
import { firstDifference } from './compare.ts'
import { expectedRewardRow, fromVectorRow, rewardRow, rewardTolerance, toVectorRow } from './reward-rows.ts'
import { type CaseResult, compareCases } from './suite.ts'

export const combineCase = z.strictObject({
  id: z.string(),
  /** Competitions in order. */
  input: z.record(z.string(), z.array(rewardRow).nullable()),
  expected: z.array(expectedRewardRow),
})

export function compareCombinations(cases: readonly z.output<typeof combineCase>[]): CaseResult[] {
  return compareCases(
    cases,
    ({ id }) => id,
    ({ input, expected }) => {
      const competitions = Object.values(input).map((rows) => (rows ?? []).map(fromVectorRow))
      // The time of the update is a label that the port leaves to its caller; the first row of a miner lends it.
      const updatedAt = new Map<number, string>()
      for (const row of Object.values(input).flatMap((rows) => rows ?? [])) {
        if (!updatedAt.has(row.miner_id)) updatedAt.set(row.miner_id, row.updated_at)
      }
      const combined = combineCompetitions(competitions)
      return firstDifference(
        combined.map((row) => toVectorRow(row, updatedAt.get(row.minerId) ?? '')),
        expected,
        rewardTolerance,
      )
    },
  )
}

import { z } from 'zod'
import { coefficientOf } from '#core/synth/regimes/prediction'
import { fillLateJoiners, type PromptScoreRow } from '#core/synth/scoring/late-joiners'
import { weighCompetition } from '#core/synth/scoring/moving-average'
import { combineCase, compareCombinations } from './combine.ts'
import { firstDifference } from './compare.ts'
import { vectorRegimes } from './known-regimes.ts'
import { expectedRewardRow, rewardTolerance, toVectorRow } from './reward-rows.ts'
import { caseList, compareCases, defineSuite, expectedNumber, vectorNumber } from './suite.ts'

const isoText = z.string()
const averageCase = z
  .strictObject({
    id: z.string(),
    prompt: z.string().optional(),
    competition: z.string().optional(),
    beta: z.number(),
    window_days: z.number().optional(),
    coefficient: z.number(),
    scored_time: isoText,
    rows: z.array(z.tuple([z.number(), vectorNumber, isoText, z.string(), z.number().nullable(), vectorNumber])),
    miner_uids: z.record(z.string(), z.number().nullable()),
    missing_percentile_is: z.enum(['None', 'NaN', 'none', 'absent']).optional(),
    expected_prepared: z.array(z.tuple([z.number(), expectedNumber, isoText, z.string()])),
    expected_rewards: z.array(expectedRewardRow).nullable(),
  })
  .refine(({ prompt, competition }) => (prompt === undefined) !== (competition === undefined), 'names no competition')

type AverageCase = z.output<typeof averageCase>

const schema = z.strictObject({
  asset_coefficients: z.record(z.string(), z.number()),
  cases: caseList(averageCase),
  combine: caseList(combineCase),
})

export const movingAverage = defineSuite(schema, (document) => {
  const coefficients = new Map(Object.entries(document.asset_coefficients))
  const regime = document.cases.some(({ prompt }) => prompt !== undefined) ? vectorRegimes.may : vectorRegimes.july
  return {
    asset_coefficients: compareCases(
      Object.entries(document.asset_coefficients),
      ([asset]) => asset,
      ([asset, expected]) => firstDifference(coefficientOf(regime, asset), expected),
    ),
    cases: compareCases(
      document.cases,
      ({ id }) => id,
      (item) => preparedDifference(item) ?? rewardsDifference(item, coefficients),
    ),
    combine: compareCombinations(document.combine),
  }
})

function preparedDifference(item: AverageCase): string | null {
  const frame = fillLateJoiners(rowsOf(item)).map((row) => [row.minerId, row.promptScore, row.scoredAtMs, row.asset])
  const expected = item.expected_prepared.map(([minerId, score, time, asset]) => [minerId, score, msOf(time), asset])
  return firstDifference(frame, expected, {}, 'prepared')
}

function rewardsDifference(item: AverageCase, coefficients: ReadonlyMap<string, number>): string | null {
  const uids = new Map(Object.entries(item.miner_uids).map(([minerId, uid]) => [Number(minerId), uid]))
  const rewards = weighCompetition(rowsOf(item), {
    competition: item.competition ?? item.prompt ?? '',
    updateAtMs: msOf(item.scored_time),
    beta: item.beta,
    coefficient: item.coefficient,
    coefficientOf: (asset) => coefficients.get(asset) ?? 1,
    uidOf: (minerId) => uids.get(minerId) ?? null,
  })
  const actual = rewards?.map((row) => toVectorRow(row, item.scored_time)) ?? null
  return firstDifference(actual, item.expected_rewards, rewardTolerance, 'rewards')
}

function rowsOf(item: AverageCase): PromptScoreRow[] {
  return item.rows.map(([minerId, promptScore, time, asset, percentile, lowestScore]) => ({
    minerId,
    promptScore,
    scoredAtMs: msOf(time),
    asset,
    percentile: percentile ?? (item.missing_percentile_is === 'NaN' ? Number.NaN : null),
    lowestScore,
  }))
}

function msOf(time: string): number {
  return Date.parse(time)
}

import { z } from 'zod'
import type { RewardRow } from '#core/synth/scoring/moving-average'
import { expectedNumber, vectorNumber } from './suite.ts'

/** Rows of a competition's rewards as the vectors write them. */
export const rewardRow = z.strictObject({
  miner_id: z.number(),
  miner_uid: z.number(),
  smoothed_score: vectorNumber,
  reward_weight: z.number(),
  updated_at: z.string(),
  prompt_name: z.string(),
})

export const expectedRewardRow = rewardRow.extend({ smoothed_score: expectedNumber })

export type VectorRewardRow = z.output<typeof rewardRow>

/** Softmax runs through another exp(), so only the weight may differ in its last bits. */
export const rewardTolerance = { relative: ['.reward_weight'] }

export function toVectorRow(row: RewardRow, updatedAt: string): VectorRewardRow {
  return {
    miner_id: row.minerId,
    miner_uid: row.minerUid,
    smoothed_score: row.smoothedScore,
    reward_weight: row.rewardWeight,
    updated_at: updatedAt,
    prompt_name: row.competition,
  }
}

export function fromVectorRow(row: VectorRewardRow): RewardRow {
  return {
    minerId: row.miner_id,
    minerUid: row.miner_uid,
    smoothedScore: row.smoothed_score,
    rewardWeight: row.reward_weight,
    competition: row.prompt_name,
  }
}

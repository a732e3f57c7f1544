import { medianOf } from '#core/synth/scoring/median'
import type { RewardRow } from '#core/synth/scoring/moving-average'
import type { FieldPrompt } from './field.ts'
import { ourMinerId } from './hands.ts'
import {
  type OwnScores,
  type PreparedField,
  type PreparedPrompt,
  prepareField,
  type UpdateRules,
  weighField,
} from './prepared-field.ts'

export interface SimulatedWeight {
  readonly updateAtMs: number
  readonly prompts: number
  readonly answered: number
  readonly missed: number
  /** Left out, because nothing is known of our answer. */
  readonly unrecorded: number
  readonly backfilled: number
  /** Undefined with the weight 0: the softmax left nothing. */
  readonly smoothedScore: number | undefined
  /** Of the smoothed scores; 1 is the best. */
  readonly rank: number | undefined
  readonly miners: number
  readonly bestSmoothed: number
  readonly medianSmoothed: number
  /** Of the whole emission. */
  readonly weight: number
}

export type WeightRules = UpdateRules & Parameters<typeof prepareField>[2]

/**
 * The validator's whole calculation with us in it: every prompt of the window is filled, clipped and ranked again,
 * newcomers are filled back, scores are weighted by asset and averaged, and the softmax divides the competition's
 * share.
 */
export function simulateWeights(
  prompts: readonly FieldPrompt[],
  own: OwnScores,
  rules: WeightRules,
  updateAtMs: number,
): SimulatedWeight | null {
  return simulateUpdate(prepareField(prompts, own, rules), rules, updateAtMs)
}

/** One update of a field that was prepared with us in it. */
export function simulateUpdate(field: PreparedField, rules: UpdateRules, updateAtMs: number): SimulatedWeight | null {
  const { counted, rows } = weighField(field, rules, updateAtMs)
  return rows === null ? null : summariseUpdate(counted, rows, updateAtMs)
}

/** Our place in what an update made of the prompts that it counts. */
export function summariseUpdate(
  counted: readonly PreparedPrompt[],
  rows: readonly RewardRow[],
  updateAtMs: number,
): SimulatedWeight {
  const ours = rows.find(({ minerId }) => minerId === ourMinerId)
  const smoothed = rows.map(({ smoothedScore }) => smoothedScore)
  const count = (kind: PreparedPrompt['ours']) =>
    counted.reduce((sum, { ours: own }) => sum + (own === kind ? 1 : 0), 0)
  const unrecorded = count('unrecorded')
  return {
    updateAtMs,
    prompts: counted.length - unrecorded,
    answered: count('answered'),
    missed: count('missed'),
    backfilled: count('backfilled'),
    unrecorded,
    smoothedScore: ours?.smoothedScore,
    rank: ours === undefined ? undefined : smoothed.filter((score) => score < ours.smoothedScore).length + 1,
    miners: rows.length,
    bestSmoothed: smoothed.reduce((best, score) => Math.min(best, score), Number.POSITIVE_INFINITY),
    medianSmoothed: medianOf(smoothed),
    weight: ours?.rewardWeight ?? 0,
  }
}

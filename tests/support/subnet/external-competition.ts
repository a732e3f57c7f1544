import { type RewardRow, weighScores } from '#core/synth/scoring/moving-average'
import type { ExternalScore } from './external-scores.ts'

export interface ExternalBlendOptions {
  readonly competition: string
  readonly beta: number
  /** The same share as every other competition. */
  readonly coefficient: number
  /** Bounds on participants with an identity; null if the rule has none. */
  readonly minParticipants: number | null
  readonly maxParticipants: number | null
  /** The validator's map from uid to identity; null while it is not available. */
  readonly minerIdOf: ReadonlyMap<number, number> | null
}

/** Weights of a competition that is scored elsewhere; null when this cycle has no blend. */
export function weighExternalScores(
  scores: readonly ExternalScore[],
  options: ExternalBlendOptions,
): RewardRow[] | null {
  if (options.minerIdOf === null) return null
  const { minerIdOf, minParticipants, maxParticipants } = options
  const participants = scores.flatMap(({ uid, score }) => {
    const minerId = minerIdOf.get(uid)
    return minerId === undefined ? [] : [{ minerId, minerUid: uid, smoothedScore: score }]
  })
  if (minParticipants !== null && participants.length < minParticipants) return null
  if (maxParticipants !== null && participants.length > maxParticipants) return null
  return weighScores(participants, options)
}

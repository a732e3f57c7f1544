import { medianOf } from '#core/synth/scoring/median'
import { missedScore } from '#core/synth/scoring/prompt-scores'
import type { FieldPrompt } from './field.ts'

/** Null: an answer that counts as none. Undefined: not recorded. */
export type OurScore = (prompt: FieldPrompt) => number | null | undefined

/** Of the scored prompts of one asset in the period, from our first answer on. */
export interface Coverage {
  readonly prompts: number
  /** We have a score for these. */
  readonly answered: number
  /** Our answer counted as none. */
  readonly missed: number
  /** Nothing is known of our answer. */
  readonly unrecorded: number
  /** Answered, as a share of the prompts. */
  readonly realisedCoverage: number
  /** The same share of the median miner, of those that have any score here. */
  readonly medianCoverage: number
}

/** Above this difference, two means are of different prompts rather than of different models. */
export const mostCoverageDifference = 0.2

/** Null without prompts. */
export function coverageOf(prompts: readonly FieldPrompt[], ourScore: OurScore): Coverage | null {
  if (prompts.length === 0) return null
  let [answered, missed] = [0, 0]
  const byUid = new Map<number, number>()
  for (const prompt of prompts) {
    const score = ourScore(prompt)
    if (score === null) missed += 1
    else if (score !== undefined) answered += 1
    for (const { uid, crps } of prompt.miners) {
      if (crps !== missedScore) byUid.set(uid, (byUid.get(uid) ?? 0) + 1)
    }
  }
  return {
    ...{ prompts: prompts.length, answered, missed, unrecorded: prompts.length - answered - missed },
    realisedCoverage: answered / prompts.length,
    medianCoverage: byUid.size === 0 ? 0 : medianOf([...byUid.values()]) / prompts.length,
  }
}

/** Ours and the median miner's shares are near enough, so that means over the prompts that both have say something. */
export function isLikeTheField({ realisedCoverage, medianCoverage }: Coverage): boolean {
  return medianCoverage - realisedCoverage <= mostCoverageDifference
}

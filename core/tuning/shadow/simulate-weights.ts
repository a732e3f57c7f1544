import type { PromptScoreRule } from '#core/synth/regimes/regime'
import { isInWindow } from '#core/synth/scoring/average-window'
import type { PromptScoreRow } from '#core/synth/scoring/late-joiners'
import { medianOf } from '#core/synth/scoring/median'
import { weighCompetition } from '#core/synth/scoring/moving-average'
import { missedScore, scorePrompt } from '#core/synth/scoring/prompt-scores'
import { type FieldPrompt, startMsOf } from './field.ts'
import { minerIdAt, ourMinerId as ourId, type UidRegistrations, uidOfMiner } from './hands.ts'

/** What a scored prompt counts that the journal does not hold: nothing, for all miners, or a miss of ours. */
export type UnrecordedRule = 'skip' | 'miss'

/** The rules of one competition at one update. */
export interface WeightRules {
  readonly label: string
  readonly windowDays: number
  readonly newestRowLagSeconds: number
  readonly beta: number
  /** Share of the emission that this competition pays. */
  readonly coefficient: number
  readonly coefficientOf: (asset: string) => number
  readonly promptScoreRule: (prompt: FieldPrompt) => PromptScoreRule
  /** Undefined: each uid is treated as one miner. */
  readonly registrations?: UidRegistrations | undefined
}

export interface OwnScores {
  /** From here on we answer: a missing prompt after it is a miss, one before it is filled as for any newcomer. */
  readonly joinedAtMs: number
  /** Null: an answer that counts as none. Undefined: not recorded, and so not known. */
  find(prompt: FieldPrompt): number | null | undefined
  /** A prompt since then that is not recorded: left out for all miners, or counted as a miss of ours. */
  readonly unrecorded: UnrecordedRule
}

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
  const rows: PromptScoreRow[] = []
  let [answered, missed, backfilled, unrecorded] = [0, 0, 0, 0]
  const window = { updateAtMs, windowDays: rules.windowDays, newestRowLagSeconds: rules.newestRowLagSeconds }
  const counted = prompts.filter(({ scoredAtMs }) => isInWindow(scoredAtMs, window))
  for (const prompt of counted) {
    const isOurs = prompt.scoredAtMs >= own.joinedAtMs
    const ourCrps = isOurs ? own.find(prompt) : undefined
    if (isOurs && ourCrps === undefined && own.unrecorded === 'skip') {
      unrecorded += 1
      continue
    }
    if (!isOurs) backfilled += 1
    else if (ourCrps === undefined || ourCrps === null) missed += 1
    else answered += 1
    const raw = prompt.miners.map(({ crps }) => crps)
    if (isOurs) raw.push(ourCrps ?? missedScore)
    const scored = scorePrompt(raw, rules.promptScoreRule(prompt))
    if (scored === null) continue
    const { percentile, lowestScore } = scored
    scored.promptScores.forEach((promptScore, index) => {
      const uid = prompt.miners[index]?.uid
      const minerId = uid === undefined ? ourId : minerIdAt(rules.registrations, uid, startMsOf(prompt))
      rows.push({ minerId, promptScore, scoredAtMs: prompt.scoredAtMs, asset: prompt.asset, percentile, lowestScore })
    })
  }
  const weighed = weighCompetition(rows, {
    competition: rules.label,
    updateAtMs,
    beta: rules.beta,
    coefficient: rules.coefficient,
    coefficientOf: rules.coefficientOf,
    uidOf: (minerId) => uidOfMiner(rules.registrations, minerId, updateAtMs),
  })
  if (weighed === null) return null
  const ours = weighed.find(({ minerId }) => minerId === ourId)
  const smoothed = weighed.map(({ smoothedScore }) => smoothedScore)
  return {
    updateAtMs,
    prompts: counted.length - unrecorded,
    answered,
    missed,
    backfilled,
    unrecorded,
    smoothedScore: ours?.smoothedScore,
    rank: ours === undefined ? undefined : smoothed.filter((score) => score < ours.smoothedScore).length + 1,
    miners: weighed.length,
    bestSmoothed: Math.min(...smoothed),
    medianSmoothed: medianOf(smoothed),
    weight: ours?.rewardWeight ?? 0,
  }
}

import type { PromptScoreRule } from '#core/synth/regimes/regime'
import { medianOf } from '#core/synth/scoring/median'
import { missedScore, scorePrompt } from '#core/synth/scoring/prompt-scores'
import type { FieldPrompt } from './field.ts'

/** The rank of our score among all miners' scores. */
export interface PromptRank {
  readonly asset: string
  readonly timeLengthSeconds: number
  readonly scoredAtMs: number
  /** Null: no answer of ours, or none that could be scored. */
  readonly ourCrps: number | null
  /** 1 is the best; misses come last. */
  readonly rank: number
  /** With us. */
  readonly miners: number
  readonly bestCrps: number
  readonly medianCrps: number
  /** In averaged prompt scores: the distance to the best; a miss is filled by the rule. */
  readonly promptScore: number
}

/** Null when no miner answered: then there is no rank. */
export function rankPrompt(field: FieldPrompt, ourCrps: number | null, rule: PromptScoreRule): PromptRank | null {
  const raw = field.miners.map(({ crps }) => crps)
  const valid = raw.filter((crps) => crps !== missedScore)
  if (valid.length === 0) return null
  const scored = scorePrompt([...raw, ourCrps ?? missedScore], rule)
  if (scored === null) return null
  const better = ourCrps === null ? valid.length : valid.filter((crps) => crps < ourCrps).length
  return {
    asset: field.asset,
    timeLengthSeconds: field.timeLengthSeconds,
    scoredAtMs: field.scoredAtMs,
    ourCrps,
    rank: better + 1,
    miners: raw.length + 1,
    bestCrps: Math.min(...valid),
    medianCrps: medianOf(valid),
    promptScore: scored.promptScores[raw.length]!,
  }
}

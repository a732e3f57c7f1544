import type { ClipRule, FillRule, PromptScoreRule } from '../regimes/regime.ts'
import { medianOf } from './median.ts'
import { percentileOf } from './percentile.ts'

/** A raw score of exactly this value means "no usable answer". */
export const missedScore = -1

export interface PromptScores {
  /** In the order of the raw scores; the best is 0. */
  readonly promptScores: readonly number[]
  /** The fill value of a miss, before the best was subtracted: the 90th or the 95th percentile. */
  readonly percentile: number
  readonly lowestScore: number
  /** Per raw score; only under a rule that clips at a multiple of the median. */
  readonly wasCapped?: readonly boolean[]
}

/** All miners of one prompt: clip, fill the misses, subtract the best. Null when no miner has a valid score. */
export function scorePrompt(rawScores: readonly number[], rule: PromptScoreRule): PromptScores | null {
  const valid = rawScores.filter((score) => score !== missedScore)
  if (valid.length === 0) return null
  const cap = findCap(valid, rule.clip)
  const percentile = findFill(valid, cap, rule.fill)
  const filled = rawScores.map((score) => (score === missedScore ? percentile : clipAt(score, cap)))
  const lowestScore = filled.reduce((lowest, score) => (score < lowest || Number.isNaN(score) ? score : lowest))
  const promptScores = filled.map((score) => score - lowestScore)
  if (rule.clip.kind !== 'medianMultiple') return { promptScores, percentile, lowestScore }
  const wasCapped = rawScores.map((score) => cap !== null && score > cap)
  return { promptScores, percentile, lowestScore, wasCapped }
}

function findCap(valid: readonly number[], clip: ClipRule): number | null {
  switch (clip.kind) {
    case 'p90':
      return percentileOf(valid, 90)
    case 'none':
      return null
    case 'medianMultiple': {
      // Median over all valid scores, outliers included. A median of zero or below would clip every miner.
      const median = medianOf(valid)
      return median > 0 ? median * clip.multiple : null
    }
  }
}

function findFill(valid: readonly number[], cap: number | null, fill: FillRule): number {
  switch (fill) {
    case 'p90':
      return percentileOf(valid, 90)
    case 'p95':
      return percentileOf(valid, 95)
    case 'p95Unclipped': {
      const unclipped = cap === null ? valid : valid.filter((score) => !(score > cap))
      return percentileOf(unclipped.length === 0 ? valid : unclipped, 95)
    }
  }
}

function clipAt(score: number, cap: number | null): number {
  if (cap === null) return score
  // An unknown cap makes the score unknown, as in the validator's array minimum.
  return Number.isNaN(cap) || score > cap ? cap : score
}

import { type FrameRow, fillLateJoiners, type PromptScoreRow } from './late-joiners.ts'
import { smoothScores } from './smoothed-scores.ts'
import { softmaxOf } from './softmax.ts'

export interface RewardRow {
  readonly minerId: number
  readonly minerUid: number
  readonly smoothedScore: number
  readonly rewardWeight: number
  /** Label of the competition; after a combination, that of the first competition in which the miner appears. */
  readonly competition: string
}

export interface AverageOptions {
  readonly competition: string
  readonly updateAtMs: number
  readonly beta: number
  /** Share of the emission that this competition pays. */
  readonly coefficient: number
  readonly coefficientOf: (asset: string) => number
  /** Null for a miner that has no uid now. */
  readonly uidOf: (minerId: number) => number | null
}

/**
 * Weights of one competition from the rows of its window (see average-window.ts); null when there is nothing to weigh.
 */
export function weighCompetition(rows: readonly PromptScoreRow[], options: AverageOptions): RewardRow[] | null {
  // Filled before later rows are cut: a later row still decides when its miner joined.
  const frame: FrameRow[] = fillLateJoiners(rows).filter((row) => row.scoredAtMs <= options.updateAtMs)
  const smoothed = smoothScores(frame, options.coefficientOf).map(({ minerId, score }) => ({
    minerId,
    minerUid: options.uidOf(minerId),
    smoothedScore: score,
  }))
  // Miners that left take no part in the softmax: their share goes to those who stay.
  return weighScores(smoothed, options)
}

interface ScoredMiner {
  readonly minerId: number
  readonly minerUid: number | null
  readonly smoothedScore: number
}

export function weighScores(
  miners: readonly ScoredMiner[],
  options: { readonly competition: string; readonly beta: number; readonly coefficient: number },
): RewardRow[] | null {
  const present = miners.flatMap(({ minerId, minerUid, smoothedScore }) =>
    minerUid === null ? [] : [{ minerId, minerUid, smoothedScore }],
  )
  const shares = softmaxOf(
    present.map(({ smoothedScore }) => smoothedScore),
    options.beta,
  )
  const rewards = present.flatMap((miner, index) => {
    const share = shares[index] as number
    // Not above zero: underflow, an infinite score, or no miner with a score.
    if (!(share > 0)) return []
    return [{ ...miner, rewardWeight: share * options.coefficient, competition: options.competition }]
  })
  return rewards.length === 0 ? null : rewards
}

import { KahanSum } from './kahan.ts'
import type { FrameRow } from './late-joiners.ts'

export interface SmoothedScore {
  readonly minerId: number
  /** Infinite for a miner without a single valid row. */
  readonly score: number
}

/**
 * Mean score of each miner, weighted by asset. The weights are normalised per miner before the scores are added. Both
 * sums are compensated and in row order; rows with an unknown score count in neither.
 */
export function smoothScores(frame: readonly FrameRow[], coefficientOf: (asset: string) => number): SmoothedScore[] {
  const weights = new Map<number, KahanSum>()
  for (const row of frame) {
    const sum = weights.get(row.minerId) ?? new KahanSum()
    weights.set(row.minerId, sum)
    if (!Number.isNaN(row.promptScore)) sum.add(coefficientOf(row.asset))
  }
  const scores = new Map<number, KahanSum>()
  for (const row of frame) {
    if (Number.isNaN(row.promptScore)) continue
    const sum = scores.get(row.minerId) ?? new KahanSum()
    scores.set(row.minerId, sum)
    const total = (weights.get(row.minerId) as KahanSum).total
    sum.add((row.promptScore * coefficientOf(row.asset)) / total)
  }
  return [...weights.keys()]
    .sort((a, b) => a - b)
    .map((minerId) => ({ minerId, score: scores.get(minerId)?.total ?? Number.POSITIVE_INFINITY }))
}

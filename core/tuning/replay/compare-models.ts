import { comparePairs, type PairedComparison, type PairedScore } from '../governance/paired-comparison.ts'
import type { StoredTotal } from './score-store.ts'

export interface AssetComparison {
  readonly asset: string
  readonly timeLengthSeconds: number
  /** Undefined if no prompt has a score of both. */
  readonly comparison: PairedComparison | undefined
  /** Prompts that only one of the two could score. */
  readonly unpaired: number
}

const level = 0.95

/** Scores of the same prompts under the same rules, first as `before`, then as `after`. */
export function pairTotals(before: readonly StoredTotal[], after: readonly StoredTotal[]): PairedScore[] {
  const others = new Map(after.map((score) => [nameOfScore(score), score]))
  return before.flatMap((score) => {
    const other = others.get(nameOfScore(score))
    if (score.total === null || other === undefined || other.total === null) return []
    const { startAtMs, timeLengthSeconds } = score
    return [{ startAtMs, timeLengthSeconds, oldScore: score.total, newScore: other.total }]
  })
}

/** One comparison per asset and length: scores of different assets have different sizes. */
export function compareModels(before: readonly StoredTotal[], after: readonly StoredTotal[]): AssetComparison[] {
  const groups = new Map<string, { before: StoredTotal[]; after: StoredTotal[] }>()
  const groupOf = ({ asset, timeLengthSeconds }: StoredTotal) => {
    const name = `${timeLengthSeconds}\n${asset}`
    const group = groups.get(name) ?? { before: [], after: [] }
    groups.set(name, group)
    return group
  }
  for (const score of before) groupOf(score).before.push(score)
  for (const score of after) groupOf(score).after.push(score)
  return [...groups.values()]
    .map((group) => {
      const { asset, timeLengthSeconds } = (group.before[0] ?? group.after[0])!
      const pairs = pairTotals(group.before, group.after)
      const scored = [...group.before, ...group.after].filter(({ total }) => total !== null).length
      return { asset, timeLengthSeconds, comparison: comparePairs(pairs, level), unpaired: scored - 2 * pairs.length }
    })
    .sort((a, b) => b.timeLengthSeconds - a.timeLengthSeconds || (a.asset < b.asset ? -1 : 1))
}

/** One score of each model has it: of a prompt under the rules of its time. */
export function nameOfScore({ predictionId, regime }: Pick<StoredTotal, 'predictionId' | 'regime'>): string {
  return `${predictionId}\n${regime}`
}

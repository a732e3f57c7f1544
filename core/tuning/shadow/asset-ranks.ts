import type { PromptScoreRule } from '#core/synth/regimes/regime'
import { type Coverage, coverageOf, isLikeTheField, mostCoverageDifference, type OurScore } from './coverage.ts'
import type { FieldPrompt } from './field.ts'
import { type PromptRank, rankPrompt } from './rank.ts'
import type { SimulatedWeight } from './simulate-weights.ts'

export interface AssetRanks extends Coverage {
  readonly asset: string
  readonly miners: number
  /** False: our coverage is not that of the field; then there is no rank and no gap (NaN). */
  readonly isComparable: boolean
  /** Over the prompts that both have: the answered ones. Gaps are means in the unit of the score. */
  readonly medianRank: number
  readonly gapToBest: number
  readonly gapToMedian: number
  readonly aheadOfMedian: number
  /** At the updates of the competition, as if it had this asset only. */
  readonly weights: readonly SimulatedWeight[]
}

export function ranksOf(
  asset: string,
  prompts: readonly FieldPrompt[],
  ourScore: OurScore,
  ruleOf: (prompt: FieldPrompt) => PromptScoreRule,
): Omit<AssetRanks, 'weights'> | null {
  const ranked = prompts.flatMap((prompt) => {
    const rank = rankPrompt(prompt, ourScore(prompt) ?? null, ruleOf(prompt))
    return rank === null ? [] : [{ prompt, rank }]
  })
  const coverage = coverageOf(
    ranked.map(({ prompt }) => prompt),
    ourScore,
  )
  if (coverage === null) return null
  const isComparable = isLikeTheField(coverage)
  const both = isComparable
    ? ranked.map(({ rank }) => rank).filter((rank): rank is PromptRank & { ourCrps: number } => rank.ourCrps !== null)
    : []
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const sorted = both.map(({ rank }) => rank).sort((a, b) => a - b)
  return {
    ...{ asset, ...coverage, isComparable },
    miners: Math.max(...ranked.map(({ rank }) => rank.miners)),
    medianRank: sorted[sorted.length >> 1] ?? Number.NaN,
    gapToBest: mean(both.map(({ ourCrps, bestCrps }) => ourCrps - bestCrps)),
    gapToMedian: mean(both.map(({ ourCrps, medianCrps }) => ourCrps - medianCrps)),
    aheadOfMedian: mean(both.map(({ ourCrps, medianCrps }) => (ourCrps < medianCrps ? 1 : 0))),
  }
}

/** Why there is no comparison, in words. */
export function coverageProblems(
  label: string,
  assets: readonly AssetRanks[],
  unknown: readonly AssetRanks[],
): readonly string[] {
  const percent = (share: number) => `${(100 * share).toFixed(0)} %`
  const name = ({ asset, realisedCoverage, medianCoverage }: AssetRanks) =>
    `${asset} ${percent(realisedCoverage)} of the prompts, the median miner ${percent(medianCoverage)}`
  if (assets.length === 0) return []
  if (assets.every(({ answered, missed }) => answered + missed === 0))
    return [`${label}: no prompt has a score of ours`]
  const unlike = assets.filter(({ isComparable }) => !isComparable)
  return [
    ...(unlike.length === 0
      ? []
      : [`${label}: no comparison at unequal coverage; we have a score for ${unlike.map(name).join('; for ')}`]),
    ...(unknown.length === 0
      ? []
      : [
          `${label}: no rank and no weight; our answer to ${unknown.map((one) => `${percent(one.unrecorded / one.prompts)} of the ${one.asset} prompts`).join(', ')} is unknown (journal.sampling=all keeps every answer, --forecast needs no journal)`,
        ]),
  ]
}

/** Skipped for everybody, so many prompts are not in the weights that these are of another set of prompts. */
export function isMostlyUnknown({ unrecorded, prompts }: Coverage): boolean {
  return unrecorded > mostCoverageDifference * prompts
}

/** From the CRPS of every term to the score of the answer. The order of additions is part of the rules. */
import { pairwiseSum } from './pairwise-sum.ts'
import type { PlannedInterval, ScorePlan } from './score-plan.ts'

/** `increments` as before 2026-06-08, `totals` one row per interval, `folded` with all gap intervals in one row. */
export type DetailLevel = 'increments' | 'totals' | 'folded' | 'none'

/** Interval name, increment number (over the observed ones only) or `Total`, CRPS. */
export type DetailRow = readonly [interval: string, increment: number | 'Total', crps: number]

export interface AnswerScore {
  /** -1 when a simulated price is 0. May be NaN or infinite: the regime's `nonFinite` rule decides what that means. */
  readonly score: number
  readonly failure: 'zeroPrice' | null
  readonly details: readonly DetailRow[]
}

/** One simulated price of 0 makes the whole answer invalid. */
export const zeroPriceScore: AnswerScore = { score: -1, failure: 'zeroPrice', details: [] }

const basisPoints = 10_000

/** `termCrps[i]` is the CRPS of term i of the plan. */
export function sumScore(
  plan: ScorePlan,
  termCrps: ArrayLike<number>,
  lastRealPrice: number,
  detail: DetailLevel,
): AnswerScore {
  const details: DetailRow[] = []
  let score = 0
  let gapTotal = 0
  for (const interval of plan.intervals) {
    const terms = interval.isAbsolute ? relativeTo(lastRealPrice, interval, termCrps) : termCrps
    let total = 0
    let increment = 0
    for (const block of interval.blocks) {
      if (detail === 'increments') {
        for (let i = block.start; i < block.end; i += 1) details.push([interval.name, ++increment, terms[i]!])
      }
      const blockSum = pairwiseSum(terms, block.start, block.end)
      total += blockSum
      if (interval.isGap) gapTotal += blockSum
    }
    score += total
    const isFolded = detail === 'folded' && interval.isGap
    if (detail !== 'none' && !isFolded) details.push([interval.name, 'Total', total])
  }
  if (detail === 'folded' && gapTotal > 0) details.push(['Gaps', 'Total', gapTotal])
  if (detail !== 'none') details.push(['Overall', 'Total', score])
  return { score, failure: null, details }
}

/** Absolute terms are in price units; the divisor is the last price of the real path for every interval. */
function relativeTo(lastRealPrice: number, interval: PlannedInterval, termCrps: ArrayLike<number>): ArrayLike<number> {
  const scaled = Float64Array.from(termCrps)
  for (const block of interval.blocks) {
    for (let i = block.start; i < block.end; i += 1) scaled[i] = (scaled[i]! / lastRealPrice) * basisPoints
  }
  return scaled
}

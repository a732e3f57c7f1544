import type { NonFiniteRule, StorageRounding, TotalRule } from '../regimes/regime.ts'
import { type AnswerScore, zeroPriceScore } from './answer-score.ts'
import type { PathMatrix } from './crps.ts'
import { ScoringError } from './score-plan.ts'
import { type StoredScore, storedScoreOf, throughStorage } from './stored-score.ts'
import { scoreTotalPlainly, type TotalOptions, type TotalScore } from './total-score.ts'
import type { VolatilityScore } from './volatility.ts'

export interface PredictionRule extends TotalOptions {
  readonly totalScore: TotalRule
  readonly nonFinite: NonFiniteRule
  /** What the validator's storage did to the prices before they were scored. */
  readonly rounding: StorageRounding
}

/** Both terms of one answer: the reference below, or a compiled kernel. */
export type TotalScorer = (paths: PathMatrix, real: ArrayLike<number>, options: TotalOptions) => TotalScore

export interface ScoredAnswer {
  /** The stored score: a miss for every kind of failure. */
  readonly stored: StoredScore
  /** The calculated total; NaN when there is none. */
  readonly total: number
  readonly price: AnswerScore | null
  /** Null under rules without the term. */
  readonly volatility: VolatilityScore | null
  /** Why there is no usable total. */
  readonly problem: ScoringError | 'zeroPrice' | 'noRealPath' | null
}

/** Why there is no usable total, as a sentence; undefined if there is one. */
export function describeProblem({ problem }: ScoredAnswer): string | undefined {
  if (problem === null) return undefined
  if (problem === 'zeroPrice') return 'a simulated price is 0, which makes the whole answer invalid'
  return problem === 'noRealPath' ? 'there is no real path' : problem.message
}

/** One valid answer against the realised path: both terms, the storage in between, and the stored score. */
export function scorePrediction(
  paths: PathMatrix,
  real: ArrayLike<number>,
  rule: PredictionRule,
  scoreTotal: TotalScorer = scoreTotalPlainly,
): ScoredAnswer {
  if (real.length === 0) return failed('noRealPath')
  const stored = { ...paths, values: throughStorage(paths.values, rule.rounding) }
  const options = rule.totalScore === 'price' ? { ...rule, volatilityBlocks: [] } : rule
  try {
    const { score, price, volatility } = scoreTotal(stored, real, options)
    if (price.failure === 'zeroPrice') return { ...failed('zeroPrice'), price: zeroPriceScore, total: score }
    return {
      stored: storedScoreOf({ kind: 'scored', score }, rule.nonFinite),
      total: score,
      price,
      volatility,
      problem: null,
    }
  } catch (error) {
    if (error instanceof ScoringError) return failed(error)
    throw error
  }
}

function failed(problem: ScoredAnswer['problem']): ScoredAnswer {
  const stored = storedScoreOf({ kind: 'failed' }, 'all')
  return { stored, total: Number.NaN, price: null, volatility: null, problem }
}

export interface TotalRow {
  readonly name: string
  readonly crps: number
  /** Only for volatility blocks, whose CRPS is without weight. */
  readonly weight: number | null
}

/**
 * One row per interval and block, then the volatility term and the total: what the validator keeps of a score since
 * June 2026.
 */
export function totalRowsOf({ price, volatility, total }: ScoredAnswer): TotalRow[] {
  const rows: TotalRow[] = []
  for (const [name, increment, crps] of price?.details ?? []) {
    if (increment === 'Total' && name !== 'Overall') rows.push({ name, crps, weight: null })
  }
  if (volatility !== null) {
    for (const [name, crps, weight] of volatility.rows) rows.push({ name, crps, weight })
    rows.push({ name: 'Vol', crps: volatility.total, weight: null })
  }
  rows.push({ name: 'Overall', crps: total, weight: null })
  return rows
}

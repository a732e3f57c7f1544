import type { NonFiniteRule, StorageRounding, TotalScore } from '../regimes/regime.ts'
import { type AnswerScore, zeroPriceScore } from './answer-score.ts'
import { type PathMatrix, type ScoreOptions, scoreAnswer } from './crps.ts'
import { ScoringError } from './score-plan.ts'
import { type StoredScore, storedScoreOf, throughStorage } from './stored-score.ts'
import { scoreVolatility, type VolatilityOptions, type VolatilityScore } from './volatility.ts'

export interface PredictionRule extends ScoreOptions {
  readonly totalScore: TotalScore
  readonly volatilityBlocks: VolatilityOptions['blocks']
  readonly nonFinite: NonFiniteRule
  /** What the validator's storage made of the prices before they were scored. */
  readonly rounding: StorageRounding
}

export interface ScoredPrediction {
  /** What the validator stores: a miss for every kind of failure. */
  readonly stored: StoredScore
  /** The total as calculated; NaN when there is none. */
  readonly total: number
  readonly price: AnswerScore | null
  /** Null under rules without the term. */
  readonly volatility: VolatilityScore | null
  /** Why there is no usable total. */
  readonly problem: ScoringError | 'zeroPrice' | 'noRealPath' | null
}

/** One valid answer against the realised path: both terms, the storage in between, and what is stored of it. */
export function scorePrediction(paths: PathMatrix, real: ArrayLike<number>, rule: PredictionRule): ScoredPrediction {
  if (real.length === 0) return failed('noRealPath')
  try {
    return scoreTerms({ ...paths, values: throughStorage(paths.values, rule.rounding) }, real, rule)
  } catch (error) {
    if (error instanceof ScoringError) return failed(error)
    throw error
  }
}

function scoreTerms(paths: PathMatrix, real: ArrayLike<number>, rule: PredictionRule): ScoredPrediction {
  const price = scoreAnswer(paths, real, rule)
  if (price.failure === 'zeroPrice') return { ...failed('zeroPrice'), price: zeroPriceScore, total: price.score }
  const volatility = rule.totalScore === 'price' ? null : scoreVolatilityTerm(paths, real, rule)
  // One addition at the very end, and none at all where the rule has no term.
  const total = volatility === null ? price.score : price.score + volatility.total
  const stored = storedScoreOf({ kind: 'scored', score: total }, rule.nonFinite)
  return { stored, total, price, volatility, problem: null }
}

function scoreVolatilityTerm(paths: PathMatrix, real: ArrayLike<number>, rule: PredictionRule): VolatilityScore | null {
  if (rule.volatilityBlocks.length === 0) return null
  return scoreVolatility(paths, real, { incrementSeconds: rule.incrementSeconds, blocks: rule.volatilityBlocks })
}

function failed(problem: ScoredPrediction['problem']): ScoredPrediction {
  const stored = storedScoreOf({ kind: 'failed' }, 'all')
  return { stored, total: Number.NaN, price: null, volatility: null, problem }
}

export interface TotalRow {
  readonly name: string
  readonly crps: number
  /** Only for volatility blocks, whose CRPS stands unweighted. */
  readonly weight: number | null
}

/** One row per interval and block, then the volatility term and the total: what is kept of a score since June 2026. */
export function totalRowsOf({ price, volatility, total }: ScoredPrediction): TotalRow[] {
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

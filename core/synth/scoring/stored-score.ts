import type { NonFiniteRule, StorageRounding } from '../regimes/regime.ts'
import { missedScore } from './prompt-scores.ts'

/** The outcome of one answer before its score is stored. */
export type AnswerOutcome =
  /**
   * Refused, absent, or not scorable: the check refused it, there was no path, or the calculation raised an exception.
   */
  { readonly kind: 'failed' } | { readonly kind: 'scored'; readonly score: number }

export interface StoredScore {
  readonly score: number
  /** The answer counts as a miss. */
  readonly isFailed: boolean
}

/** Any failure is stored as a miss. Until the rule `all`, an infinite total was stored as it is. */
export function storedScoreOf(outcome: AnswerOutcome, nonFinite: NonFiniteRule): StoredScore {
  if (outcome.kind === 'failed') return { score: missedScore, isFailed: true }
  const { score } = outcome
  const isLost = nonFinite === 'all' ? !Number.isFinite(score) : Number.isNaN(score)
  // Compared by value, as the validator does: a real total of exactly -1 counts as a miss too.
  if (isLost || score === missedScore) return { score: missedScore, isFailed: true }
  return { score, isFailed: false }
}

/** Prices after the validator's storage: one backend keeps them in single precision. */
export function throughStorage(prices: Float64Array, rounding: StorageRounding): Float64Array {
  return rounding === 'float64' ? prices : storeInPlace(prices.slice(), rounding)
}

/**
 * The same in place, for prices with no other reader: an answer has megabytes, and a copy costs more than the rounding.
 */
export function storeInPlace(prices: Float64Array, rounding: StorageRounding): Float64Array {
  if (rounding === 'float32') for (let i = 0; i < prices.length; i += 1) prices[i] = Math.fround(prices[i]!)
  return prices
}

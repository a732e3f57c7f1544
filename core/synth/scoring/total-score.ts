import type { VolatilityBlock } from '../regimes/regime.ts'
import type { AnswerScore } from './answer-score.ts'
import { type PathMatrix, type ScoreOptions, scoreAnswer } from './crps.ts'
import { addVolatility, scoreVolatility, type VolatilityScore } from './volatility.ts'

export interface TotalOptions extends ScoreOptions {
  /** Empty for a regime that scores the price term alone. */
  readonly volatilityBlocks: readonly VolatilityBlock[]
}

export interface TotalScore {
  readonly score: number
  readonly price: AnswerScore
  readonly volatility: VolatilityScore | null
}

/** The readable reference of both terms. */
export function scoreTotalPlainly(paths: PathMatrix, real: ArrayLike<number>, options: TotalOptions): TotalScore {
  const price = scoreAnswer(paths, real, options)
  if (price.failure !== null || options.volatilityBlocks.length === 0)
    return { score: price.score, price, volatility: null }
  const { stepSeconds, volatilityBlocks: blocks } = options
  const volatility = scoreVolatility(paths, real, { stepSeconds, blocks })
  return { score: addVolatility(price, volatility), price, volatility }
}

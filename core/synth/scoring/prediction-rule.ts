import type { PredictionRules } from '../regimes/prediction.ts'
import type { PredictionRule } from './score-prediction.ts'

/** What the arithmetic of one answer needs, from the rules of its prediction. */
export function predictionRuleOf(
  { answer, scoring }: PredictionRules,
  detail: PredictionRule['detail'],
): PredictionRule {
  const { competition, gapMode, totalScore, nonFinite } = scoring
  return {
    stepSeconds: competition.timeIncrementSeconds,
    intervals: competition.intervals,
    gapMode,
    totalScore,
    volatilityBlocks: competition.volatilityBlocks,
    nonFinite,
    rounding: answer.storage.rounding,
    detail,
  }
}

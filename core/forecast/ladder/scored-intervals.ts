import type { Prompt } from '#core/synth/prompts/prompt'
import type { RegimeBook } from '#core/synth/regimes/book'
import { resolveScoringRules } from '#core/synth/regimes/resolve'
import type { ScoredInterval } from '../paths/block-plan.ts'

/**
 * The scored intervals of an answer to this prompt, by the rules at its scoring. An asset that no competition lists yet
 * is treated like the others of the same length. A length without a competition is not scored.
 */
export function scoredIntervals(book: RegimeBook, prompt: Prompt): readonly ScoredInterval[] {
  const settledAtMs = (prompt.startAtSeconds + prompt.lengthSeconds) * 1_000
  const { competitions } = resolveScoringRules(book, { scoringAtMs: settledAtMs })
  const alike = competitions.filter(
    ({ timeLengthSeconds, timeIncrementSeconds }) =>
      timeLengthSeconds === prompt.lengthSeconds && timeIncrementSeconds === prompt.stepSeconds,
  )
  const competition = alike.find(({ assets }) => assets.includes(prompt.asset)) ?? alike[0]
  return competition?.intervals ?? []
}

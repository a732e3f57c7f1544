import type { ClosePoint } from '#core/forecast/models/ewma-state'
import type { AnswerRequest, AnswerRule } from '#core/synth/scoring/answer-validation'
import type { PredictionRule } from '#core/synth/scoring/score-prediction'
import type { RivalName } from './rival-forecasts.ts'

/** An answer as it came in: is it one that the validator would take? */
export interface ExamineTask {
  readonly kind: 'examine'
  readonly body: Uint8Array
  readonly request: AnswerRequest
  readonly rule: AnswerRule
  /** Where the prices of a right answer are put until they are scored. */
  readonly keepAt: string
}

export interface ExamineVerdict {
  readonly isCorrect: boolean
  /** The validator's own words. */
  readonly message: string
}

/** A kept answer whose minutes have settled. */
export interface SettleTask {
  readonly kind: 'settle'
  readonly keptAt: string
  readonly asset: string
  readonly startAtMs: number
  readonly stepSeconds: number
  readonly pathCount: number
  readonly real: Float64Array
  readonly rule: PredictionRule
  /** What was known when the prompt was sent. */
  readonly knownCloses: readonly ClosePoint[]
  readonly knownPriceUsd: number
}

/** Scores, lower is better; NaN where the rules give none. A rival without a forecast is absent. */
export interface SettledScores {
  readonly ours: number
  readonly rivals: Readonly<Partial<Record<RivalName, number>>>
}

/** Looks at answers beside the threads that serve, so that its work delays nobody. */
export interface Judge {
  examine(task: Omit<ExamineTask, 'kind'>): Promise<ExamineVerdict>
  settle(task: Omit<SettleTask, 'kind'>): Promise<SettledScores>
}

import type { ClosePoint } from '#core/forecast/models/ewma-state'
import type { ScoredInterval } from '#core/forecast/paths/block-plan'
import type { Forecast } from '#core/forecast/paths/process-parameters'
import type { AnswerRequest, AnswerRule } from '#core/synth/scoring/answer-validation'
import type { PredictionRule } from '#core/synth/scoring/score-prediction'
import type { RivalName } from './rival-forecasts.ts'

/** A received answer: would the validator accept it? */
export interface ExamineTask {
  readonly kind: 'examine'
  readonly body: Uint8Array
  readonly request: AnswerRequest
  readonly rule: AnswerRule
  /** Where the prices of a valid answer are kept until they are scored. */
  readonly keepAt: string
}

export interface ExamineVerdict {
  readonly isCorrect: boolean
  /** The validator's own sentence. */
  readonly message: string
}

/** A kept answer whose minutes are final. */
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
  /** What the miner's calibrated model said when the prompt was sent, where another model of it answered. */
  readonly calibrated?: CalibratedForecast | undefined
}

/** Drawn as the miner draws its answers, so that only the forecast differs. */
export interface CalibratedForecast {
  readonly forecast: Forecast
  readonly intervals: readonly ScoredInterval[]
}

/** Scores, lower is better; NaN if the rules give none. A rival without a forecast is absent. */
export interface SettledScores {
  readonly ours: number
  readonly rivals: Readonly<Partial<Record<RivalName, number>>>
}

/** Checks answers outside the serving threads, so that this work delays nobody. */
export interface Judge {
  examine(task: Omit<ExamineTask, 'kind'>): Promise<ExamineVerdict>
  settle(task: Omit<SettleTask, 'kind'>): Promise<SettledScores>
}

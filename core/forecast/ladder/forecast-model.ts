import type { Horizon } from '#core/synth/prompts/horizon'
import type { ForecastQuestion, ModelAnswer } from '../models/volatility-model.ts'

/**
 * A volatility model as the ladder sees it: it may answer later, from another thread. Every `VolatilityModel` is one.
 */
export interface ForecastModel {
  readonly name: string
  forecast(question: ForecastQuestion): ModelAnswer | Promise<ModelAnswer>
}

export interface ShelvedModel {
  readonly model: ForecastModel
  /** Names the numbers behind its answers: a parameter set's hash, a model file's hash. */
  versionOf(asset: string, horizon: Horizon): string
  readonly hasFlatFirstPath?: boolean
}

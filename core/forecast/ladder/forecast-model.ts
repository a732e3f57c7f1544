import { type ForecastQuestion, isHighFrequency, type ModelAnswer } from '../models/volatility-model.ts'

/** A volatility model as the ladder sees it: it may answer later, from another thread. Every `VolatilityModel` is one. */
export interface ForecastModel {
  readonly name: string
  forecast(question: ForecastQuestion): ModelAnswer | Promise<ModelAnswer>
}

/** The network's two kinds of prompts: of a day, and of an hour. */
export type Grid = 'low' | 'high'

export function gridOf(question: ForecastQuestion): Grid {
  return isHighFrequency(question) ? 'high' : 'low'
}

export interface ShelvedModel {
  readonly model: ForecastModel
  /** Names the numbers behind its answers: a parameter set's hash, a model file's hash. */
  versionOf(asset: string, grid: Grid): string
  readonly hasFlatFirstPath?: boolean
}

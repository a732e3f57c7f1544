import type { PredictionFacts } from '../replay/prediction-facts.ts'

/** One row that replay wrote, as diagnosis reads it. */
export interface ScoredPrediction {
  readonly predictionId: string
  readonly asset: string
  readonly startAtMs: number
  readonly timeLengthSeconds: number
  /** The competition's key. */
  readonly competition: string
  readonly regime: string
  /** `served`, or the model with which replay forecast the same prompt. */
  readonly model: string
  /** Null with a problem. */
  readonly total: number | null
  readonly problem: string | null
  /** Parts of the total, weights included. */
  readonly rows: readonly ScorePart[]
  readonly facts: PredictionFacts | null
}

export interface ScorePart {
  readonly name: string
  readonly crps: number
  readonly weight: number | null
}

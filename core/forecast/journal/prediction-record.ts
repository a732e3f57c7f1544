import type { Prompt } from '#core/synth/prompts/prompt'
import type { AssetParameters } from '../parameters/asset-parameters.ts'
import type { Arrangement } from '../paths/path-sampler.ts'
import type { Forecast } from '../paths/process-parameters.ts'
import type { Rung, StageMs } from './rung.ts'

/** Why this prediction was kept; see `sampling-rule.ts`. */
export const recordReasons = ['first', 'interval', 'volatility', 'sessionEdge', 'event', 'all'] as const
export type RecordReason = (typeof recordReasons)[number]

/** One served forecast. Equal prompts share it, so it is recorded once for all callers. */
export interface PredictionRecord {
  /**
   * The name of this prediction everywhere. It is made from the content, so the same prediction is never kept twice.
   */
  readonly id: string
  readonly prompt: Prompt
  readonly receivedAtMs: number
  readonly madeAtMs: number
  readonly reason: RecordReason
  /** Only with the reason `event`: which one. */
  readonly event?: string
  readonly rung: Rung
  readonly model: ModelStamp
  readonly isDegraded: boolean
  readonly price: { readonly usd: number; readonly publishedAtMs: number; readonly venue: string }
  /** Everything that determines the paths: forecast, start price, seed, arrangement and sampler version. */
  readonly recipe: PathRecipe
  /** SHA-256, hex, of the JSON text of `simulation_output` that was sent. */
  readonly outputHash: string
  readonly stageMs: StageMs
}

/** What the server of the answer knows; the journal adds the rest. */
export type ServedPrediction = Omit<PredictionRecord, 'id' | 'reason' | 'event'>

export interface ModelStamp {
  /** `calibrated`, `seed`, `blend`, `onnx:<name>`, … */
  readonly name: string
  /** Names the numbers of the model: a parameter set's hash, a model file's hash. */
  readonly version: string
  /** First 16 hex digits of the SHA-256 of `parameters` in canonical JSON. */
  readonly parametersHash: string
  readonly parameters: AssetParameters
}

export interface PathRecipe {
  readonly samplerVersion: number
  readonly forecast: Forecast
  readonly startPriceUsd: number
  readonly seed: bigint
  readonly arrangement: Arrangement
  readonly flatFirstPath: boolean
}

import type { PythHistory } from '#core/market/venues/price-sources'
import type { ModelComparison } from '#core/tuning/training/training-runs'
import type { TrainingLook } from '#models/training/checkpoint'

/** The input of a job of kind `train`: all that its result depends on. */
export interface TrainInput {
  /** YAML with every default filled in. */
  readonly recipe: string
  readonly seed: number
  readonly fold: number | null
  readonly dataHash: string
  readonly codeVersion: string
  /** No later price is in the data. */
  readonly untilMs: number
}

/** What a training process is told beside the job. */
export interface TrainSetting {
  readonly parentPid: number
  readonly resume: boolean
  readonly dbPath: string
  readonly regimesFile: string | undefined
  /** Folders of the user with components. */
  readonly components: readonly string[]
  readonly checkpointsFolder: string
  /** Where the finished model goes; undefined: nowhere. */
  readonly outFolder: string | undefined
  readonly mostResidentBytes: number
  readonly pythHistory: PythHistory
}

export type TrainNote =
  | { readonly kind: 'step'; readonly step: number; readonly steps: number; readonly loss: number }
  | { readonly kind: 'look'; readonly look: TrainingLook }
  /** What the end of the training says; the reply says only whether it is done. */
  | { readonly kind: 'end'; readonly end: TrainEnd }

export interface TrainEnd {
  readonly state: 'done' | 'stopped' | 'failed'
  readonly step: number
  readonly bestStep?: number
  readonly bestLoss?: number
  readonly reason?: string
  /** What a script can tell apart. */
  readonly code?: 'CHECKPOINT_REFUSED' | 'TRAINING_STOPPED' | 'TRAINING_FAILED'
  readonly artefact?: string
  readonly comparison?: ModelComparison
  /** Why there is no comparison. */
  readonly uncompared?: string
}

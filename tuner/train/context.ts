import type { TrainingRun, TrainingRunStore } from '#core/tuning/training/training-runs'

export interface TrainRequest {
  /** File, or name of a preset. */
  readonly recipe: string
  /** `model.width=32`. */
  readonly overrides: readonly string[]
  readonly seeds: readonly number[] | undefined
  /** Each fold of a walk forward instead of the newest one. */
  readonly allFolds: boolean
  readonly resume: boolean
  readonly outFolder: string | undefined
  readonly processes: number | undefined
}

export interface TrainEvents {
  readonly signal: AbortSignal
  /** Over all runs; `text` says how the loss stands. */
  readonly onProgress: (label: string, done: number, total: number) => void
  readonly warn: (sentence: string) => void
}

export interface TrainReport {
  readonly runs: readonly TrainingRun[]
  readonly leftOut: readonly string[]
  /** Of runs that are not done, the code of the first. */
  readonly code: 'CHECKPOINT_REFUSED' | 'TRAINING_STOPPED' | 'TRAINING_FAILED' | undefined
  readonly uncompared: string | undefined
}

export interface TrainContext {
  train(request: TrainRequest, events: TrainEvents): Promise<TrainReport>
  close(): void
}

export interface RunsContext {
  readonly store: TrainingRunStore
  /** The process that wrote a run is certainly gone. */
  readonly isGone: (owner: string) => boolean
  close(): void
}

/** One training of one recipe: with one seed, on one fold of the data. */
export interface TrainingIdentity {
  readonly recipeHash: string
  readonly seed: number
  /** From 0. Undefined: the recipe's one cut into training and validation. */
  readonly fold: number | undefined
}

export interface NewTrainingRun extends TrainingIdentity {
  readonly recipeName: string
  /** With every default and reference filled in: the run can be repeated from it. */
  readonly recipe: string
  readonly codeVersion: string
  /** Of all windows with everything in them. */
  readonly dataHash: string
  readonly dataFromMs: number
  readonly dataToMs: number
  /** Most steps. */
  readonly steps: number
  /** The process that trains. */
  readonly owner: string
  /** No later price is in the data. */
  readonly startedAtMs: number
}

export const trainingStates = ['running', 'done', 'stopped', 'failed'] as const
export type TrainingRunState = (typeof trainingStates)[number]

/** A mean over windows with its interval. */
export interface MeanScore {
  readonly mean: number
  /** Null with too few days to tell. */
  readonly low: number | null
  readonly high: number | null
}

/** The trained model beside the calibrated one on the same windows, by the validator's rules; lower is better. */
export interface ModelComparison {
  readonly part: 'test' | 'validation'
  readonly windows: number
  readonly model: MeanScore
  readonly calibrated: MeanScore
  /** Model less calibrated: below zero it is better. */
  readonly difference: MeanScore
}

export interface TrainingEndFacts {
  readonly state: Exclude<TrainingRunState, 'running'>
  /** Steps done. */
  readonly step: number
  readonly bestStep: number | undefined
  readonly bestLoss: number | undefined
  /** Why it stopped or failed, or ended early. */
  readonly reason: string | undefined
  /** Folder of the finished model. */
  readonly artefact: string | undefined
  readonly comparison: ModelComparison | undefined
}

export interface TrainingRun extends NewTrainingRun, Omit<TrainingEndFacts, 'state'> {
  readonly id: number
  readonly state: TrainingRunState
  readonly endedAtMs: number | undefined
}

/** What is known at one step. */
export interface TrainingMetric {
  readonly step: number
  /** Mean since the last one. */
  readonly trainingLoss: number
  readonly validationLoss: number | undefined
  readonly learningRate: number
  readonly gradientLength: number
}

export interface TrainingRunStore {
  start(run: NewTrainingRun): number
  /** The newest one, however it ended. */
  findLast(identity: TrainingIdentity): TrainingRun | undefined
  /** It goes on in another process. */
  reopen(id: number, owner: string): void
  /** The same step again replaces it. */
  addMetric(id: number, metric: TrainingMetric): void
  end(id: number, facts: TrainingEndFacts): void
  /** The newest first. */
  list(count: number): readonly TrainingRun[]
  find(id: number): TrainingRun | undefined
  /** By step. */
  metricsOf(id: number): readonly TrainingMetric[]
}

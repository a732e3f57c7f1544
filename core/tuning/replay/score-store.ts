import type { PredictionFilter } from '#core/forecast/journal/journal'
import type { PredictionScore, ScoreProblem, ScoreRows } from './prediction-score.ts'
import type { PromptToScore } from './score-day.ts'

export interface ScoreFilter extends PredictionFilter {
  /** `served`, or the written form of a model. */
  readonly model: string
  /** Of these regimes only. */
  readonly regimes?: readonly string[]
  readonly competition?: string
}

/** A prediction of the journal, without its recipe, and the regimes under which the model has a row. */
export interface ReplayCandidate extends PromptToScore {
  readonly scoredUnder: readonly string[]
}

/** A score without its details, for means and comparisons. */
export interface StoredTotal {
  readonly predictionId: string
  readonly regime: string
  readonly asset: string
  readonly startAtMs: number
  readonly timeLengthSeconds: number
  readonly competition: string
  /** All three are null if there is a problem; the last is also null under rules without the term. */
  readonly total: number | null
  readonly pricePart: number | null
  readonly volatilityPart: number | null
  readonly problem: ScoreProblem | null
}

/** With the parts that make the total. */
export interface ScoreParts extends StoredTotal {
  readonly rows: ScoreRows
}

export interface ScoreWriter {
  /** All or nothing. An existing score stays unchanged, including its time. */
  saveScores(scores: readonly PredictionScore[]): void
}

/** Ascending by start, then asset. */
export interface ScoreReader {
  listCandidates(filter: PredictionFilter, model: string): readonly ReplayCandidate[]
  listTotals(filter: ScoreFilter): readonly StoredTotal[]
  listParts(filter: ScoreFilter): readonly ScoreParts[]
  /** With rows and facts. Some kilobytes each: ask for about one day at once. */
  listScores(filter: ScoreFilter): readonly PredictionScore[]
  findScores(predictionId: string): readonly PredictionScore[]
  /** Assets in the journal, in alphabetical order. */
  listAssets(): readonly string[]
  /** Every scored model, `served` among them. */
  listModels(): readonly string[]
}

export interface ScoreStore extends ScoreReader, ScoreWriter {}

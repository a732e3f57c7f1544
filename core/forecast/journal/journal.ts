import type { PathMatrix } from '#core/synth/scoring/crps'
import type { PredictionRecord, ServedPrediction } from './prediction-record.ts'

/** Stores served predictions. Nothing here may block the thread that answers. */
export interface Journal {
  /**
   * Names the prediction at once and decides whether and why it is kept. It never throws: an answer is worth more than
   * its record. `outputJson` is not changed, and not read any more after the outcome.
   */
  append(record: ServedPrediction, outputJson: Uint8Array): Appending
}

export interface Appending {
  readonly id: string
  /** Resolves when the record is on disk, or says why it is not. */
  readonly outcome: Promise<AppendOutcome>
}

export type AppendOutcome =
  | { readonly kind: 'committed' }
  /** The sampling rule does not keep this one. */
  | { readonly kind: 'notSampled' }
  | { readonly kind: 'unpersisted'; readonly reason: string }

export interface PredictionFilter {
  readonly assets?: readonly string[]
  readonly timeLengthSeconds?: number
  /** Start of the forecast, from included, to excluded. */
  readonly fromMs?: number
  readonly toMs?: number
}

/** What replay reads. */
export interface JournalReader {
  /** Ascending by start, then asset. */
  list(filter: PredictionFilter): readonly PredictionRecord[]
  find(id: string): PredictionRecord | undefined
  /** The prices that were served: from the stored blob, or made again from the recipe and verified by hash. */
  readPaths(id: string): PathsReading
}

export type PathsReading =
  | { readonly ok: true; readonly paths: PathMatrix; readonly origin: 'blob' | 'recipe' }
  | {
      readonly ok: false
      readonly reason: 'missing' | 'hashDiffers' | 'otherSampler' | 'unreadable'
      readonly detail: string
    }

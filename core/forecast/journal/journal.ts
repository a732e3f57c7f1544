import type { PathMatrix } from '#core/synth/scoring/crps'
import type { PredictionRecord, ServedPrediction } from './prediction-record.ts'

/** Where served predictions are kept. Nothing here may block the thread that answers. */
export interface Journal {
  /**
   * Resolves once the record is on disk, or says that it is not. It never throws: an answer is worth more than its
   * record, and what was not kept is said aloud. `outputJson` is not changed or kept by the journal afterwards.
   * Whether it is kept, why, and under which id is the journal's to say.
   */
  append(record: ServedPrediction, outputJson: Uint8Array): Promise<AppendOutcome>
}

export type AppendOutcome =
  | { readonly kind: 'committed' }
  /** The sampling rule leaves this one out. */
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
  /** The prices that were served: from the stored blob, or made again from the recipe and proved equal by hash. */
  readPaths(id: string): PathsReading
}

export type PathsReading =
  | { readonly ok: true; readonly paths: PathMatrix; readonly origin: 'blob' | 'recipe' }
  | {
      readonly ok: false
      readonly reason: 'missing' | 'hashDiffers' | 'otherSampler' | 'unreadable'
      readonly detail: string
    }

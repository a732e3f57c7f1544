import type { AppendOutcome } from '#core/forecast/journal/journal'
import type { StoreFailure } from '#core/forecast/journal/journal-store'
import type { PredictionRecord } from '#core/forecast/journal/prediction-record'

/** Between the thread that answers and the one that writes. */
export type ToWriter =
  | {
      readonly kind: 'append'
      readonly ticket: number
      readonly record: PredictionRecord
      /** Without it the recipe alone is kept. */
      readonly outputJson: Uint8Array | undefined
      /** By the clock that both threads read. */
      readonly giveUpAtMs: number
    }
  | { readonly kind: 'trim'; readonly ticket: number; readonly nowMs: number }
  | { readonly kind: 'stop' }

export type FromWriter =
  | { readonly kind: 'ready'; readonly pathsBytes: number }
  | { readonly kind: 'appended'; readonly results: readonly Appended[]; readonly state: WriterState }
  | { readonly kind: 'trimmed'; readonly ticket: number; readonly report: TrimReport; readonly state: WriterState }
  | { readonly kind: 'state'; readonly state: WriterState }
  | { readonly kind: 'stopped' }

export interface Appended {
  readonly ticket: number
  readonly outcome: AppendOutcome
}

export interface WriterState {
  /** Why the last write did not succeed; undefined when it did. */
  readonly failure: StoreFailure | undefined
  /** Records that wait in memory for the store to come back; their answers are out. */
  readonly waiting: number
  /** Of those that waited: written late, and given up since too many waited. */
  readonly writtenLate: number
  readonly givenUp: number
  readonly pathsBytes: number
  /** Kept without their prices, since the disk is nearly full. */
  readonly withoutPrices: number
}

export interface TrimReport {
  readonly ok: boolean
  readonly droppedPaths: number
  readonly deletedRecords: number
  readonly detail: string | undefined
}

import type { StoreFailure } from '#core/base/store/stored'
import type { AppendOutcome } from '#core/forecast/journal/journal'
import type { PredictionRecord } from '#core/forecast/journal/prediction-record'

/** Between the answering thread and the writing thread. */
export type ToWriter =
  | {
      readonly kind: 'append'
      readonly ticket: number
      readonly record: PredictionRecord
      /** Without it only the recipe is kept. */
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
  /** Records that wait in memory for the store; their answers are sent already. */
  readonly waiting: number
  /** Of the waiting ones: written late, and dropped because too many waited. */
  readonly writtenLate: number
  readonly givenUp: number
  readonly pathsBytes: number
  /** Kept without their prices, because the disk is nearly full. */
  readonly withoutPrices: number
}

export interface TrimReport {
  readonly ok: boolean
  readonly droppedPaths: number
  readonly deletedRecords: number
  readonly detail: string | undefined
}

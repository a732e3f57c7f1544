import type { PredictionRecord } from './prediction-record.ts'

/** `busy` passes by itself, `full` when somebody makes room, `damaged` not at all. */
export type StoreFailureKind = 'busy' | 'full' | 'io' | 'damaged' | 'other'

export interface StoreFailure {
  readonly kind: StoreFailureKind
  readonly detail: string
}

export type Stored<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: StoreFailure }

/** A record with its prices made small; none for a record that its recipe alone must do for. */
export interface PreparedPrediction {
  readonly record: PredictionRecord
  readonly prices: PreparedPrices | undefined
}

export interface PreparedPrices {
  readonly encoding: string
  readonly bytes: Uint8Array
  readonly hash: string
}

export interface DroppedPaths {
  readonly count: number
  readonly bytes: number
}

export interface StoreRoom {
  /** What the file system has left. */
  readonly diskBytes: number
  /** Pages of the file that hold nothing: they take prices without the file growing. */
  readonly unusedBytes: number
}

/** The database as the journal's writer sees it. All calls block: they belong into a thread of their own. */
export interface JournalStore {
  /** On disk when it returns, all of them or none. A record that is there already stays as it is. */
  write(batch: readonly PreparedPrediction[], waitMs: number): Stored<void>
  /** Bytes of all stored prices. */
  pathsBytes(): Stored<number>
  room(): Stored<StoreRoom>
  /** The oldest prices first; those that this sampler makes again before those that would be lost. */
  dropPaths(atMost: { readonly count: number; readonly bytes: number }): Stored<DroppedPaths>
  /** Whole records of forecasts that began before then; answers how many. */
  deleteBefore(startAtMs: number, atMost: number): Stored<number>
  close(): void
}

import type { Stored } from '#core/base/store/stored'
import type { PredictionRecord } from './prediction-record.ts'

/** A record with its compressed prices; without prices if the recipe must be enough. */
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
  /** Free space of the file system. */
  readonly diskBytes: number
  /** Unused pages of the file: they can store prices without a larger file. */
  readonly unusedBytes: number
}

/** The database as the journal's writer sees it. All calls block: use them on a separate thread. */
export interface JournalStore {
  /** On disk when it returns, all records or none. An existing record stays unchanged. */
  write(batch: readonly PreparedPrediction[], waitMs: number): Stored<void>
  /** Bytes of all stored prices. */
  pathsBytes(): Stored<number>
  room(): Stored<StoreRoom>
  /** Drops the oldest prices first; prices that this sampler can make again go before prices that would be lost. */
  dropPaths(atMost: { readonly count: number; readonly bytes: number }): Stored<DroppedPaths>
  /** Drops whole records of forecasts that began before then; returns how many. */
  deleteBefore(startAtMs: number, atMost: number): Stored<number>
  close(): void
}

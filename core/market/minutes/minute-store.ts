import type { MinuteClose } from '../venues/minute-history.ts'
import type { VenueId } from '../venues/venue.ts'
import type { MinuteSpan } from './coverage.ts'
import type { MergeCount, MergeMode } from './merge-day.ts'
import type { MinuteBatch } from './minute-batch.ts'
import type { CandleColumns } from './minute-candles.ts'

/** One price series: minutes of two venues are never mixed, even for the same asset. */
export interface MinuteSeries {
  readonly asset: string
  readonly venue: VenueId
  readonly symbol: string
}

/** `recorded` when they happened, `backfilled` later from the venue's history, `imported` from a file. */
export const minuteOrigins = ['recorded', 'backfilled', 'imported'] as const
export type MinuteOrigin = (typeof minuteOrigins)[number]

/** A batch, or what is left of it behind a thread's border. */
export type MinuteContent = Pick<MinuteBatch, 'isEmpty' | 'days' | 'firstMs' | 'lastMs'> & {
  /** Rows as minute-candles.ts describes them. */
  readonly candles?: Float64Array
}

export interface MinuteWrite {
  readonly series: MinuteSeries
  readonly batch: MinuteContent
  readonly origin: MinuteOrigin
  /** The source of an import: the file's name. */
  readonly detail?: string
  readonly mode?: MergeMode
}

export interface MinuteConflict {
  readonly openAtMs: number
  readonly kept: number
  readonly refused: number
}

export interface WriteOutcome extends MergeCount {
  /** The first few conflicts, for the log. */
  readonly examples: readonly MinuteConflict[]
}

export interface SeriesSummary extends MinuteSeries {
  /** The first and the last minute with a close or a declared gap. */
  readonly firstMs: number
  readonly lastMs: number
  /** The number of different later closes since the first minute was stored. */
  readonly conflicts: number
}

/** The source of a stretch of minutes, and its time. */
export interface ProvenanceRange extends MinuteSpan {
  readonly origin: MinuteOrigin
  readonly detail: string
  readonly closes: number
  readonly gaps: number
  readonly conflicts: number
  readonly firstWrittenAtMs: number
  readonly lastWrittenAtMs: number
}

export interface MinuteReader {
  /** One slot per minute from `fromMs`, a whole minute, to `toMs`: a close, NaN (declared gap) or 0 (unknown). */
  readSlots(series: MinuteSeries, fromMs: number, toMs: number): Float64Array
  /** The same with NaN for everything that is not a close, for calculations. */
  readCloses(series: MinuteSeries, fromMs: number, toMs: number): Float64Array
  /** What is known of the same minutes besides their closes. */
  readCandles(series: MinuteSeries, fromMs: number, toMs: number): CandleColumns
  /** The oldest and the newest close of a range; undefined when it has none. */
  firstClose(series: MinuteSeries, fromMs: number, toMs: number): MinuteClose | undefined
  lastClose(series: MinuteSeries, fromMs: number, toMs: number): MinuteClose | undefined
  listSeries(): readonly SeriesSummary[]
  listRanges(series: MinuteSeries): readonly ProvenanceRange[]
}

export interface MinuteWriter {
  /** All or nothing, on disk when it returns. Writing the same again changes nothing. */
  write(writes: readonly MinuteWrite[]): readonly WriteOutcome[]
}

export interface MinuteStore extends MinuteReader, MinuteWriter {}

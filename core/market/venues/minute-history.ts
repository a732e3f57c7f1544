import { minuteMs } from '#core/base/time/units'
import type { VenueFailure, VenueId } from './venue.ts'

/** The close of the one-minute candle that opened at `openAtMs`: the price at about `openAtMs` + 60 s. */
export interface MinuteClose {
  readonly openAtMs: number
  readonly close: number
}

/** What a venue says of a minute besides its close. */
export interface MinuteCandle {
  readonly openAtMs: number
  readonly open: number
  readonly high: number
  readonly low: number
  /** In the venue's own unit; NaN where the venue does not say. */
  readonly volume: number
}

export interface MinuteRange {
  readonly symbol: string
  /** First and last requested candle open, both included. */
  readonly fromMs: number
  readonly toMs: number
}

export interface MinutesFound {
  readonly ok: true
  /**
   * In the venue's order. Repeats are possible (the last one counts), and so is a running candle at the end. Closes are
   * finite and positive. `orderMinutes` makes a clean series of them.
   */
  readonly minutes: readonly MinuteClose[]
  /** Of some of the minutes, or of none: not every venue has them. */
  readonly candles?: readonly MinuteCandle[]
  /** From here on a missing minute is one that the venue never had, not one that it has dropped. */
  readonly coveredFromMs: number
  /** The time by our clock when the last part of the answer arrived. */
  readonly answeredAtMs: number
  /** Rows in the range that were refused because their price was not finite and positive. */
  readonly refusedRows: number
}

export type MinuteHistoryAnswer = MinutesFound | VenueFailure

/**
 * Minute closes of a range, however many requests that takes. Never throws: it returns all parts or a named failure.
 */
export interface MinuteHistory {
  readonly venue: VenueId
  fetchMinutes(range: MinuteRange, signal?: AbortSignal): Promise<MinuteHistoryAnswer>
}

/** Ascending whole minutes, one each: candles off the minute are dropped; of a repeated minute the last one counts. */
export function orderMinutes(minutes: readonly MinuteClose[]): MinuteClose[] {
  const byOpen = new Map<number, number>()
  for (const { openAtMs, close } of minutes) if (openAtMs % minuteMs === 0) byOpen.set(openAtMs, close)
  return [...byOpen].map(([openAtMs, close]) => ({ openAtMs, close })).sort((a, b) => a.openAtMs - b.openAtMs)
}

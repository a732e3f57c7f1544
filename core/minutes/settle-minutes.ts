import { type MinuteRange, type MinutesFound, minuteMs, orderMinutes } from '../market/minute-history.ts'
import type { MinuteSpan } from './coverage.ts'
import { MinuteBatch } from './minute-batch.ts'

/**
 * Which minutes of an answer are final. A candle is settled once the venue shows a later one of the same series (the
 * validator's own witness rule), or a day after its minute ended, when every prompt that could ask for it has been
 * scored. Our clock and other series prove nothing: a stale answer looks exactly like a quiet market, so a minute
 * without a candle stays unknown until a later candle of its own series shows that the venue has moved on.
 */
export const settledByAgeMs = 24 * 60 * 60_000

export interface SettledMinutes {
  readonly batch: MinuteBatch
  /** Every minute of the span from here ... */
  readonly knownFromMs: number
  /** ... to here is now known; less than `knownFromMs` when nothing is. */
  readonly knownToMs: number
  /** The venue no longer has the minutes of the span before this one. */
  readonly forgottenBeforeMs: number
  /** False when rows were refused: then a missing minute proves nothing, and no gap is declared. */
  readonly isComplete: boolean
}

export function settleMinutes(found: MinutesFound, span: MinuteSpan | MinuteRange): SettledMinutes {
  const minutes = orderMinutes(found.minutes)
  const hasOffGrid = found.minutes.some((minute) => minute.openAtMs % minuteMs !== 0)
  const isComplete = found.refusedRows === 0 && !hasOffGrid
  const witnessMs = minutes.at(-1)?.openAtMs ?? Number.NEGATIVE_INFINITY
  const settledToMs = Math.min(
    span.toMs,
    Math.max(witnessMs - minuteMs, Math.floor((found.answeredAtMs - settledByAgeMs - minuteMs) / minuteMs) * minuteMs),
  )
  const knownFromMs = Math.max(span.fromMs, Math.ceil(found.coveredFromMs / minuteMs) * minuteMs)
  const batch = new MinuteBatch()
  let nextMs = knownFromMs
  for (const { openAtMs, close } of minutes) {
    if (openAtMs < span.fromMs || openAtMs > settledToMs) continue
    if (isComplete) for (; nextMs < openAtMs; nextMs += minuteMs) batch.declareGap(nextMs)
    batch.setClose(openAtMs, close)
    nextMs = openAtMs + minuteMs
  }
  if (isComplete) for (; nextMs <= settledToMs; nextMs += minuteMs) batch.declareGap(nextMs)
  return {
    batch,
    knownFromMs,
    knownToMs: isComplete ? settledToMs : Number.NEGATIVE_INFINITY,
    forgottenBeforeMs: knownFromMs,
    isComplete,
  }
}

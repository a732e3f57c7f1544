import { minuteMs, weekMs } from '#core/base/time/units'
import { type MinuteClose, type MinutesFound, orderMinutes } from '../venues/minute-history.ts'
import type { MinuteSpan } from './coverage.ts'
import { MinuteBatch } from './minute-batch.ts'
import { floorToMinute } from './minute-day.ts'

/**
 * Which minutes of an answer are final. A candle is final when the venue shows a later one of the same series (the
 * validator's own witness rule). Our clock and other series prove nothing: a stale answer looks exactly like a quiet
 * market. So a minute without a candle stays unknown until a later candle of its own series shows that the venue has
 * moved on. After a week age also decides, because no answer is that stale: this covers the time before a series was
 * listed.
 */
const settledByAgeMs = weekMs

export interface SettledMinutes {
  readonly batch: MinuteBatch
  /** The venue no longer has minutes before this one; -Infinity if it reached back as far as was asked. */
  readonly forgottenBeforeMs: number
  /** The ends of the whole answer, with witness and running candle: they show the level even of a stretch of gaps. */
  readonly first: MinuteClose | undefined
  readonly last: MinuteClose | undefined
}

export function settleMinutes(found: MinutesFound, span: MinuteSpan): SettledMinutes {
  const minutes = orderMinutes(found.minutes)
  const hasOffGrid = found.minutes.some((minute) => minute.openAtMs % minuteMs !== 0)
  // After a refused row a missing minute proves nothing, so no gap is declared.
  const isComplete = found.refusedRows === 0 && !hasOffGrid
  const witnessMs = minutes.at(-1)?.openAtMs ?? Number.NEGATIVE_INFINITY
  const settledToMs = Math.min(
    span.toMs,
    Math.max(witnessMs - minuteMs, floorToMinute(found.answeredAtMs - settledByAgeMs) - minuteMs),
  )
  const knownFromMs = Math.max(span.fromMs, Math.ceil(found.coveredFromMs / minuteMs) * minuteMs)
  const batch = new MinuteBatch()
  const candles = new Map(found.candles?.map((candle) => [candle.openAtMs, candle]))
  let nextMs = knownFromMs
  for (const { openAtMs, close } of minutes) {
    if (openAtMs < span.fromMs || openAtMs > settledToMs) continue
    if (isComplete) for (; nextMs < openAtMs; nextMs += minuteMs) batch.declareGap(nextMs)
    batch.setClose(openAtMs, close)
    const candle = candles.get(openAtMs)
    if (candle !== undefined) batch.addCandle(candle, close)
    nextMs = Math.max(nextMs, openAtMs + minuteMs)
  }
  if (isComplete) for (; nextMs <= settledToMs; nextMs += minuteMs) batch.declareGap(nextMs)
  return {
    batch,
    forgottenBeforeMs: knownFromMs > span.fromMs ? knownFromMs : Number.NEGATIVE_INFINITY,
    first: minutes[0],
    last: minutes.at(-1),
  }
}

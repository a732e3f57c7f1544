import type { Clock } from '#core/base/time/clock'
import { minuteMs } from '#core/base/time/units'
import type { LatestPriceAnswer } from '#core/market/venues/latest-price'
import type { MinuteCandle, MinuteClose, MinuteHistoryAnswer, MinuteRange } from '#core/market/venues/minute-history'
import { toPrice, toVolume } from '#core/market/venues/price-number'
import type { VenueFailure } from '#core/market/venues/venue'

/** One answer for all symbols of a call that failed as a whole. */
export function failAll(symbols: readonly string[], failure: VenueFailure): ReadonlyMap<string, LatestPriceAnswer> {
  // Only what the port promises: a status or a refused body stays inside.
  const { ok, reason, message, retryAfterMs } = failure
  const answer: VenueFailure = { ok, reason, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
  return new Map(symbols.map((symbol) => [symbol, answer]))
}

/** What a venue says of a minute besides its close, unchecked. */
export interface CandleRest {
  readonly open: unknown
  readonly high: unknown
  readonly low: unknown
  /** Absent: the venue has no volume. */
  readonly volume?: unknown
}

/** Collects rows; a row without a plausible price at a plausible time is counted and never passed on. */
export class MinuteCollector {
  readonly #clock: Clock
  readonly #range: MinuteRange
  readonly #minutes: MinuteClose[] = []
  readonly #candles: MinuteCandle[] = []
  #refusedRows = 0

  constructor(clock: Clock, range: MinuteRange) {
    this.#clock = clock
    this.#range = range
  }

  get minutes(): readonly MinuteClose[] {
    return this.#minutes
  }

  add(openAtMs: number | undefined, close: unknown, rest?: CandleRest): void {
    const price = toPrice(close)
    // A candle that opens a minute from now comes from a wrong clock, the venue's or ours.
    const isPast = openAtMs !== undefined && openAtMs < this.#clock.nowMs() + minuteMs
    if (openAtMs !== undefined && price !== undefined && isPast) {
      this.#minutes.push({ openAtMs, close: price })
      if (rest !== undefined) this.#addCandle(openAtMs, rest)
    } else if (openAtMs === undefined || (openAtMs >= this.#range.fromMs && openAtMs <= this.#range.toMs)) {
      this.#refusedRows += 1
    }
  }

  #addCandle(openAtMs: number, rest: CandleRest): void {
    const [open, high, low] = [toPrice(rest.open), toPrice(rest.high), toPrice(rest.low)]
    if (open === undefined || high === undefined || low === undefined) return
    this.#candles.push({ openAtMs, open, high, low, volume: toVolume(rest.volume) })
  }

  answer(coveredFromMs: number = this.#range.fromMs): MinuteHistoryAnswer {
    return {
      ok: true,
      minutes: this.#minutes,
      candles: this.#candles,
      coveredFromMs,
      answeredAtMs: this.#clock.nowMs(),
      refusedRows: this.#refusedRows,
    }
  }
}

/** The parts of a range that a venue answers in one request; both ends included, as in the range itself. */
export function* splitRange(
  range: MinuteRange,
  minutesPerRequest: number,
): Generator<{ fromMs: number; toMs: number }> {
  for (let fromMs = range.fromMs; fromMs <= range.toMs; fromMs += minutesPerRequest * minuteMs) {
    yield { fromMs, toMs: Math.min(fromMs + (minutesPerRequest - 1) * minuteMs, range.toMs) }
  }
}

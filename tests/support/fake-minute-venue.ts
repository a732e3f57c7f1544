import type { Clock } from '#core/base/time/clock'
import { minuteMs } from '#core/base/time/units'
import type { MarketFeed } from '#core/market/minutes/market-feed'
import type { MinuteHistory, MinuteHistoryAnswer, MinuteRange } from '#core/market/venues/minute-history'
import type { VenueFailureReason, VenueId } from '#core/market/venues/venue'

export interface FakeMinuteVenueOptions {
  readonly venue: VenueId
  readonly clock: Clock
  readonly feed: MarketFeed
  /** The feed's asset by the venue's symbol. */
  readonly assets: Readonly<Record<string, string>>
  readonly remembersMinutes?: number
}

/** A venue's minute history as a function of time: running candle, limited memory, and faults that the test sets. */
export class FakeMinuteVenue implements MinuteHistory {
  readonly venue: VenueId
  readonly requests: MinuteRange[] = []
  failure: VenueFailureReason | undefined
  readonly failureOf = new Map<string, VenueFailureReason>()
  /** Answers as it would have at this time. */
  frozenAtMs: number | undefined
  /** Answers with another symbol's candles. */
  readonly swapped = new Map<string, string>()
  /** Called while a request is under way. */
  onRequest: (range: MinuteRange) => Promise<void> = async () => {}
  readonly #options: FakeMinuteVenueOptions

  constructor(options: FakeMinuteVenueOptions) {
    this.venue = options.venue
    this.#options = options
  }

  async fetchMinutes(range: MinuteRange): Promise<MinuteHistoryAnswer> {
    this.requests.push(range)
    await this.onRequest(range)
    const { clock, feed, assets, remembersMinutes } = this.#options
    const failure = this.failureOf.get(range.symbol) ?? this.failure
    if (failure !== undefined) return { ok: false, reason: failure, message: `${this.venue} is set to ${failure}` }
    const nowMs = this.frozenAtMs ?? clock.nowMs()
    const reachMs = remembersMinutes === undefined ? Number.NEGATIVE_INFINITY : nowMs - remembersMinutes * minuteMs
    const asset = assets[this.swapped.get(range.symbol) ?? range.symbol]!
    const minutes: { openAtMs: number; close: number }[] = []
    for (let openAtMs = range.fromMs; openAtMs <= Math.min(range.toMs, nowMs); openAtMs += minuteMs) {
      const settled = openAtMs < reachMs ? undefined : feed.minuteClose(asset, openAtMs)
      if (settled === undefined) continue
      // The running candle's close is the price of now, not the one that it will settle at.
      const close = openAtMs + minuteMs <= nowMs ? settled : feed.priceAt(asset, nowMs)!
      minutes.push({ openAtMs, close })
    }
    const coveredFromMs = Math.max(range.fromMs, reachMs)
    return { ok: true, minutes, coveredFromMs, answeredAtMs: clock.nowMs(), refusedRows: 0 }
  }
}

import { minuteMs } from '#core/base/time/units'
import type { MarketFeed } from '#core/market/minutes/market-feed'
import type { StandInVenue } from './catalogue.ts'
import type { FaultBook } from './faults.ts'

export interface Candle {
  readonly openAtMs: number
  readonly open: number
  readonly high: number
  readonly low: number
  /** A number, or its replacement by a `badPrice` fault. */
  readonly close: number | string | null
}

/** The market as one venue shows it at one moment: the true one, or one changed by the data faults of that moment. */
export class VenueView {
  /** The time of the venue's own clock. */
  readonly nowMs: number
  readonly #offsetMs: number
  readonly #feed: MarketFeed
  readonly #faults: FaultBook
  readonly #venue: StandInVenue
  readonly #sinceStartMs: number

  constructor(feed: MarketFeed, faults: FaultBook, venue: StandInVenue, trueNowMs: number, sinceStartMs: number) {
    this.#feed = feed
    this.#faults = faults
    this.#venue = venue
    this.#sinceStartMs = sinceStartMs
    const [stale] = faults.dataFaults('stale', venue, sinceStartMs)
    const [clockOff] = faults.dataFaults('clockOff', venue, sinceStartMs)
    const frozenForMs = stale === undefined ? 0 : sinceStartMs - stale.fromSeconds * 1000
    this.#offsetMs = (clockOff?.offsetSeconds ?? 0) * 1000
    this.nowMs = trueNowMs - frozenForMs + this.#offsetMs
  }

  /** The asset whose answer is given to a question about this asset. */
  answeredAsset(asset: string): string {
    for (const { assets } of this.#faults.dataFaults('swapped', this.#venue, this.#sinceStartMs)) {
      if (asset === assets[0]) return assets[1]
      if (asset === assets[1]) return assets[0]
    }
    return asset
  }

  price(asset: string): number | string | null | undefined {
    const price = this.#feed.priceAt(asset, this.nowMs - this.#offsetMs)
    return price === undefined ? undefined : this.#bend(asset, price)
  }

  confidenceShare(asset: string): number {
    const faults = this.#faults.dataFaults('wideConfidence', this.#venue, this.#sinceStartMs)
    return faults.find((fault) => fault.asset === asset)?.share ?? 0.0002
  }

  /**
   * The first candles that open in the range, both ends included, up to the venue's present; the last may be running.
   */
  candles(asset: string, fromMs: number, toMs: number, most = Number.POSITIVE_INFINITY): Candle[] {
    const candles: Candle[] = []
    const lastOpenMs = Math.min(Math.floor(toMs / minuteMs) * minuteMs, Math.floor(this.nowMs / minuteMs) * minuteMs)
    for (let openAtMs = Math.ceil(fromMs / minuteMs) * minuteMs; openAtMs <= lastOpenMs; openAtMs += minuteMs) {
      if (candles.length >= most) break
      const candle = this.candle(asset, openAtMs)
      if (candle !== undefined) candles.push(candle)
    }
    return candles
  }

  candle(asset: string, openAtMs: number): Candle | undefined {
    if (openAtMs > this.nowMs) return undefined
    const trueOpenMs = Math.floor((openAtMs - this.#offsetMs) / minuteMs) * minuteMs
    const settled = this.#feed.minuteClose(asset, trueOpenMs)
    if (settled === undefined) return undefined
    const isRunning = openAtMs + minuteMs > this.nowMs
    const close = isRunning ? this.#feed.priceAt(asset, this.nowMs - this.#offsetMs) : settled
    if (close === undefined) return undefined
    const open = this.#feed.minuteClose(asset, trueOpenMs - minuteMs) ?? close
    const range = { open, high: Math.max(open, close), low: Math.min(open, close) }
    return { openAtMs, ...range, close: this.#bend(asset, close) }
  }

  #bend(asset: string, price: number): number | string | null {
    const bad = this.#faults.dataFaults('badPrice', this.#venue, this.#sinceStartMs)
    const replaced = bad.find((fault) => fault.asset === asset)
    if (replaced !== undefined) return replaced.value
    const jumps = this.#faults.dataFaults('jump', this.#venue, this.#sinceStartMs)
    return jumps.reduce((bent, fault) => (fault.asset === asset ? bent * fault.factor : bent), price)
  }
}

/** Decimal text without an exponent that reads back to the same number, with at least this many decimals. */
export function decimalText(price: number | string | null, decimals = 0): string | null {
  if (typeof price !== 'number') return price
  const shortest = String(price)
  const text = !shortest.includes('e')
    ? shortest
    : price >= 1 // String() writes an exponent from 1e21 on, where every double is a whole number.
      ? BigInt(price).toString()
      : price.toFixed(20).replace(/0+$/, '')
  const digits = text.includes('.') ? text.length - text.indexOf('.') - 1 : 0
  return digits >= decimals ? text : `${text}${digits === 0 ? '.' : ''}${'0'.repeat(decimals - digits)}`
}

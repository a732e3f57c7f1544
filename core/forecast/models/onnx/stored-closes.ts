import { dayMs, minuteMs } from '#core/base/time/units'
import type { MinuteReader } from '#core/market/minutes/minute-store'
import type { PriceSourceLookup } from '#core/market/venues/price-sources'
import type { MinuteWindow, RecentCloses, WindowExtras } from './recent-closes.ts'

/** Far enough back for a share's last close before a long weekend. */
const reachMs = 5 * dayMs

interface Kept {
  readonly series: string
  readonly lastOpenAtMs: number
  readonly closes: Float64Array
}

/**
 * Recorded minutes of the venue that an asset is scored from. The last window of each asset is kept until a newer close
 * is stored, so that the prompts of one minute read the database once. Checking for a newer close costs one look-up.
 */
export class StoredCloses implements RecentCloses {
  readonly #store: MinuteReader
  readonly #sources: PriceSourceLookup
  readonly #kept = new Map<string, Kept>()

  constructor(deps: { readonly store: MinuteReader; readonly sources: PriceSourceLookup }) {
    this.#store = deps.store
    this.#sources = deps.sources
  }

  recentCloses(asset: string, untilMs: number, minutes: number, extras: WindowExtras): MinuteWindow | undefined {
    const source = this.#sources(asset, untilMs)
    if (source === undefined) return undefined
    const series = { asset, ...source }
    // The minute that opens one minute before `untilMs` is the last that is over then.
    const newestOpenMs = Math.floor(untilMs / minuteMs) * minuteMs - minuteMs
    const last = this.#store.lastClose(series, newestOpenMs - reachMs, newestOpenMs)
    if (last === undefined) return undefined
    const endsAtMs = last.openAtMs + minuteMs
    const name = `${source.venue} ${source.symbol}`
    let kept = this.#kept.get(asset)
    if (kept?.series !== name || kept.lastOpenAtMs !== last.openAtMs || kept.closes.length < minutes) {
      const fromMs = last.openAtMs - (minutes - 1) * minuteMs
      const closes = this.#store.readCloses(series, fromMs, last.openAtMs)
      kept = { series: name, lastOpenAtMs: last.openAtMs, closes }
      this.#kept.set(asset, kept)
    }
    const closes = kept.closes.subarray(kept.closes.length - minutes)
    const range = [endsAtMs - minutes * minuteMs, endsAtMs - minuteMs] as const
    const others = extras.others.map((other) => [other, this.#closesOf(other, endsAtMs, minutes)] as const)
    return {
      closes,
      endsAtMs,
      ...(extras.candles ? { candles: this.#store.readCandles(series, ...range) } : {}),
      ...(others.length > 0 ? { others: new Map(others) } : {}),
    }
  }

  /** Of exactly these minutes. */
  #closesOf(asset: string, endsAtMs: number, minutes: number): Float64Array {
    const source = this.#sources(asset, endsAtMs)
    if (source === undefined) return new Float64Array(minutes).fill(Number.NaN)
    return this.#store.readCloses({ asset, ...source }, endsAtMs - minutes * minuteMs, endsAtMs - minuteMs)
  }
}

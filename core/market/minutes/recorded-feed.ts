import { minuteMs } from '#core/base/time/units'
import type { MarketFeed } from './market-feed.ts'
import type { MinuteBatch } from './minute-batch.ts'
import { dayOf, slotOf } from './minute-day.ts'

/**
 * Recorded minutes as a market. A candle is served exactly as recorded or not at all. Between two closes one minute
 * apart the price runs along the straight line of logarithms; beside a hole the one close that is known stands for its
 * own minute, and inside a hole there is no price.
 */
export class RecordedFeed implements MarketFeed {
  readonly #batches: ReadonlyMap<string, MinuteBatch>

  constructor(batches: ReadonlyMap<string, MinuteBatch>) {
    this.#batches = batches
  }

  assets(): readonly string[] {
    return [...this.#batches.keys()]
  }

  minuteClose(asset: string, minuteOpenMs: number): number | undefined {
    const slot = this.#batches.get(asset)?.days.get(dayOf(minuteOpenMs))?.[slotOf(minuteOpenMs)]
    return slot !== undefined && slot > 0 ? slot : undefined
  }

  priceAt(asset: string, atMs: number): number | undefined {
    const openMs = Math.floor(atMs / minuteMs) * minuteMs
    const before = this.minuteClose(asset, openMs - minuteMs)
    const after = this.minuteClose(asset, openMs)
    const share = (atMs - openMs) / minuteMs
    if (before === undefined) return share > 0 ? after : undefined
    if (after === undefined || share === 0) return before
    return before * (after / before) ** share
  }

  /** The time that all given assets have in common; undefined when there is none. */
  span(assets: readonly string[] = this.assets()): { fromMs: number; toMs: number } | undefined {
    const batches = assets.map((asset) => this.#batches.get(asset))
    const fromMs = Math.max(...batches.map((batch) => batch?.firstMs ?? Number.POSITIVE_INFINITY))
    const toMs = Math.min(...batches.map((batch) => batch?.lastMs ?? Number.NEGATIVE_INFINITY))
    return Number.isFinite(fromMs) && fromMs <= toMs ? { fromMs, toMs } : undefined
  }
}

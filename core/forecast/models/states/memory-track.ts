import { minuteMs } from '#core/base/time/units'
import type { Horizon } from '#core/synth/prompts/horizon'
import { CalibratedMemory, type CalibratedState } from '../calibrated-memory.ts'
import type { CalibratedSet } from './calibrated-sets.ts'

/**
 * Which minute gives the price of which instant of a grid, as in the files that the parameters were fitted on. A bar of
 * five minutes gives the price of the instant at which it closes: the last close among its minutes. On the grid of one
 * minute the network's own rule is used: the price of an instant is the close of the minute that opens there.
 */
const bars = {
  low: { lengthMs: 5 * minuteMs, pricedAfterMs: 5 * minuteMs },
  high: { lengthMs: minuteMs, pricedAfterMs: 0 },
} as const satisfies Readonly<Record<Horizon, unknown>>

/** One asset's calibrated memory on one grid, fed with minutes in order of time. */
export class MemoryTrack {
  readonly set: CalibratedSet
  readonly memory: CalibratedMemory
  readonly #lengthMs: number
  readonly #pricedAfterMs: number
  #barMs = Number.NEGATIVE_INFINITY
  #barClose = Number.NaN
  #nextOpenMs = Number.NEGATIVE_INFINITY

  constructor(set: CalibratedSet, restored?: CalibratedState) {
    this.set = set
    this.memory = new CalibratedMemory(set.parameters, set.hash, restored)
    const { lengthMs, pricedAfterMs } = bars[set.horizon]
    this.#lengthMs = lengthMs
    this.#pricedAfterMs = pricedAfterMs
    if (restored !== undefined) this.#nextOpenMs = restored.lastPriceAtMs - pricedAfterMs + lengthMs
  }

  /** The minute from which to continue reading: after what was stored, the beginning of the bar without a price yet. */
  get nextOpenMs(): number {
    return this.#nextOpenMs
  }

  take(openAtMs: number, close: number): void {
    if (openAtMs < this.#nextOpenMs) return
    this.#nextOpenMs = openAtMs + minuteMs
    const barMs = Math.floor(openAtMs / this.#lengthMs) * this.#lengthMs
    if (barMs !== this.#barMs) {
      this.#closeBar()
      this.#barMs = barMs
    }
    if (close > 0) this.#barClose = close
    if (openAtMs + minuteMs === barMs + this.#lengthMs) this.#closeBar()
  }

  /** A bar without a trade has no price. */
  #closeBar(): void {
    if (Number.isNaN(this.#barClose)) return
    this.memory.takePrice(this.#barClose, this.#barMs + this.#pricedAfterMs)
    this.#barClose = Number.NaN
  }
}

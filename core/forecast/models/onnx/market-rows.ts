import { CandleFacts } from './candle-facts.ts'
import { MinuteFacts } from './minute-facts.ts'
import type { MinuteWindow } from './recent-closes.ts'

/** The rows of an input `past`: steps that end with the last minute of a window, oldest first. */
export class MarketRows {
  readonly count: number
  readonly stepMinutes: number
  readonly minutes: MinuteFacts
  readonly candles: CandleFacts
  readonly #window: MinuteWindow
  readonly #made = new Map<string, unknown>()

  constructor(window: MinuteWindow, minutes: MinuteFacts, count: number, stepMinutes: number) {
    this.#window = window
    this.minutes = minutes
    this.candles = new CandleFacts(window)
    this.count = count
    this.stepMinutes = stepMinutes
  }

  /** The place in the window of the last minute of a row's step. */
  lastMinute(row: number): number {
    return this.minutes.count - 1 - (this.count - 1 - row) * this.stepMinutes
  }

  map(value: (lastMinute: number) => number): Float64Array {
    return Float64Array.from({ length: this.count }, (_, row) => value(this.lastMinute(row)))
  }

  /** The same minutes of another asset; undefined where nothing is known of it. */
  other(asset: string): MinuteFacts | undefined {
    const closes = this.#window.others?.get(asset)
    return closes === undefined ? undefined : this.once(`other ${asset}`, () => new MinuteFacts({ closes }))
  }

  /** What several features need is made for the first of them. */
  once<T>(name: string, make: () => T): T {
    if (!this.#made.has(name)) this.#made.set(name, make())
    return this.#made.get(name) as T
  }
}

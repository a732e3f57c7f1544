import type { CandleColumns } from '#core/market/minutes/minute-candles'

/** The finished minutes up to the newest known close. */
export interface MinuteWindow {
  /** One per minute, NaN if there is none; the last one is a close. */
  readonly closes: Float64Array
  /** The end of the last minute of `closes`. */
  readonly endsAtMs: number
  /** Of the same minutes. Absent: nothing is known. */
  readonly candles?: CandleColumns
  /** The closes of other assets in the same minutes. */
  readonly others?: ReadonlyMap<string, Float64Array>
}

/** What a model reads besides the closes of its asset. */
export interface WindowExtras {
  readonly candles: boolean
  readonly others: readonly string[]
}

/** What an ONNX model knows of the market. */
export interface RecentCloses {
  /** The last `minutes` that are over at `untilMs`; undefined when no close is known near then. */
  recentCloses(asset: string, untilMs: number, minutes: number, extras: WindowExtras): MinuteWindow | undefined
}

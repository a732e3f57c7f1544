/** The finished minutes up to the newest known close. */
export interface MinuteWindow {
  /** One per minute, NaN if there is none; the last one is a close. */
  readonly closes: Float64Array
  /** The end of the last minute of `closes`. */
  readonly endsAtMs: number
}

/** What an ONNX model knows of the market. */
export interface RecentCloses {
  /** The last `minutes` that are over at `untilMs`; undefined when no close is known near then. */
  recentCloses(asset: string, untilMs: number, minutes: number): MinuteWindow | undefined
}

/** The finished minutes up to the newest known close. */
export interface MinuteWindow {
  /** One per minute, NaN where there is none; the last one is a close. */
  readonly closes: Float64Array
  /** When the last minute of `closes` was over. */
  readonly endsAtMs: number
}

/** What an ONNX model sees of the market. */
export interface RecentCloses {
  /** The last `minutes` of those that are over at `untilMs`; undefined when no close is known near then. */
  recentCloses(asset: string, untilMs: number, minutes: number): MinuteWindow | undefined
}

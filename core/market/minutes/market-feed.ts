/** A whole market as a function of time: recorded minutes or a synthetic one. What the market stand-in serves. */
export interface MarketFeed {
  assets(): readonly string[]
  /** The price at an instant; undefined before the first price, after the last, or in a hole. */
  priceAt(asset: string, atMs: number): number | undefined
  /** The close of the minute candle that opens at `minuteOpenMs`; undefined when no such candle exists (no trade, a hole). */
  minuteClose(asset: string, minuteOpenMs: number): number | undefined
}

/**
 * The realised path as the validator builds it: for each grid second the close of the candle that opens in exactly that
 * second, otherwise NaN. No value is carried forward, taken from a neighbour or interpolated. The close of the candle
 * that opens at T is the price at about T + 60 s.
 */
export interface PriceWindow {
  readonly startAtSeconds: number
  readonly timeLengthSeconds: number
  readonly stepSeconds: number
}

/** Opening time and close, in the order in which they were served. A missing close is NaN. */
export interface Candles {
  readonly openSeconds: readonly number[]
  readonly closes: readonly number[]
}

export type PriceGrid =
  | { readonly ok: true; readonly prices: Float64Array }
  /** The last price is required: without it no miner is scored, and the prompt is tried again. */
  | { readonly ok: false; readonly reason: 'notSettled' | 'lastMissing' }

/**
 * The grid, if some candle proves that the last one is complete. The witness is a separate argument, because venues
 * that answer in milliseconds judge it before conversion to seconds.
 */
export function buildPriceGrid(window: PriceWindow, candles: Candles, hasWitness: boolean): PriceGrid {
  if (!hasWitness) return { ok: false, reason: 'notSettled' }
  const prices = gridPrices(window, candles)
  const last = prices[prices.length - 1]
  if (last === undefined || Number.isNaN(last)) return { ok: false, reason: 'lastMissing' }
  return { ok: true, prices }
}

/** The grid without its conditions; empty when there is not a single candle. */
export function gridPrices(window: PriceWindow, candles: Candles): Float64Array {
  if (candles.openSeconds.length === 0) return new Float64Array(0)
  const closeAt = new Map<number, number>()
  const count = Math.min(candles.openSeconds.length, candles.closes.length)
  // If a second is repeated, the last candle served counts.
  for (let i = 0; i < count; i += 1) closeAt.set(candles.openSeconds[i] as number, candles.closes[i] as number)
  return Float64Array.from(gridSeconds(window, candles.openSeconds), (second) => closeAt.get(second) ?? Number.NaN)
}

function gridSeconds(window: PriceWindow, openSeconds: readonly number[]): number[] {
  const { startAtSeconds, timeLengthSeconds, stepSeconds } = window
  const end = startAtSeconds + timeLengthSeconds
  const seconds: number[] = []
  for (let second = startAtSeconds; second < end + stepSeconds; second += stepSeconds) {
    seconds.push(second)
  }
  // A length that is no multiple of the increment gives one point too many. Which end goes depends on the data; when
  // the candles reach both ends, none does.
  if (seconds.length !== Math.trunc(timeLengthSeconds / stepSeconds) + 2) return seconds
  if ((openSeconds[openSeconds.length - 1] as number) < (seconds[1] as number)) return seconds.slice(0, -1)
  if ((openSeconds[0] as number) > (seconds[0] as number)) return seconds.slice(1)
  return seconds
}

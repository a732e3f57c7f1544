import type { PriceWindow } from './price-grid.ts'

/**
 * What the validator asks a venue for, as plain data: an adapter sends it, a test compares it. Every query reaches one
 * candle past the end, the settlement witness.
 */
const witnessSeconds = 60
const minuteMs = 60_000

export interface TradingViewQuery {
  readonly symbol: string
  readonly resolution: 1
  readonly from: number
  readonly to: number
}

export function tradingViewQuery(symbol: string, window: PriceWindow): TradingViewQuery {
  const { startSeconds, timeLengthSeconds } = window
  return { symbol, resolution: 1, from: startSeconds, to: startSeconds + timeLengthSeconds + witnessSeconds }
}

export interface KlinesQuery {
  readonly symbol: string
  readonly interval: '1m'
  readonly limit: number
  readonly startTime: number
  readonly endTime: number
}

/** One request per 1000 minutes: the venue serves no more rows at a time. */
export function klinesQueries(symbol: string, window: PriceWindow): KlinesQuery[] {
  return chunks(window, klinesLimit).map((chunk) => ({ symbol, interval: '1m', limit: klinesLimit, ...chunk }))
}

export interface CandleSnapshotRequest {
  readonly type: 'candleSnapshot'
  readonly req: {
    readonly coin: string
    readonly interval: '1m'
    readonly startTime: number
    readonly endTime: number
  }
}

/** The venue refuses a body without the `req` wrapper. */
export function candleSnapshotRequests(coin: string, window: PriceWindow): CandleSnapshotRequest[] {
  return chunks(window, snapshotLimit).map((chunk) => ({
    type: 'candleSnapshot',
    req: { coin, interval: '1m', ...chunk },
  }))
}

const klinesLimit = 1000
const snapshotLimit = 5000

function chunks(window: PriceWindow, minutes: number): { startTime: number; endTime: number }[] {
  const first = window.startSeconds * 1000
  const last = first + (window.timeLengthSeconds + witnessSeconds) * 1000
  const list: { startTime: number; endTime: number }[] = []
  for (let startTime = first; startTime <= last; startTime += minutes * minuteMs) {
    // Both ends are served, so a chunk of n candles spans n - 1 minutes.
    list.push({ startTime, endTime: Math.min(startTime + (minutes - 1) * minuteMs, last) })
  }
  return list
}

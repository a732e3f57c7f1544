import { minuteMs } from '#core/base/time/units'

import type { PriceVenue } from '#core/synth/regimes/regime'
import type { PriceWindow } from '#core/synth/scoring/price-grid'

/**
 * What the validator asks a venue for, as plain data: an adapter sends it, a test compares it. Every query includes one
 * candle past the end, the settlement witness.
 */
export type PriceRequest =
  | { readonly method: 'GET'; readonly url: string; readonly params: Readonly<Record<string, string | number>> }
  | { readonly method: 'POST'; readonly url: string; readonly json: CandleSnapshotBody }

export interface CandleSnapshotBody {
  readonly type: 'candleSnapshot'
  /** The venue refuses a body without this wrapper. */
  readonly req: {
    readonly coin: string
    readonly interval: '1m'
    readonly startTime: number
    readonly endTime: number
  }
}

const witnessSeconds = 60
const klinesLimit = 1000
const snapshotLimit = 5000

export const priceUrls: Readonly<Record<PriceVenue, string>> = {
  pythBenchmarks: 'https://benchmarks.pyth.network/v1/shims/tradingview/history',
  pythPro: 'https://pyth.dourolabs.app/v1/fixed_rate@200ms/history',
  binanceSpot: 'https://api.binance.com/api/v3/klines',
  hyperliquidSpot: 'https://api.hyperliquid.xyz/info',
  hyperliquidPerp: 'https://api.hyperliquid.xyz/info',
}

/** The validator's setting of its Pyth backend: any value other than "pro" means the benchmarks. */
export function pythVenueOf(backend: string): 'pythPro' | 'pythBenchmarks' {
  return backend.toLowerCase() === 'pro' ? 'pythPro' : 'pythBenchmarks'
}

/** The requests for one window, in order. */
export function priceRequests(
  source: { readonly venue: PriceVenue; readonly symbol: string },
  window: PriceWindow,
): PriceRequest[] {
  const { venue, symbol } = source
  const url = priceUrls[venue]
  switch (venue) {
    case 'pythBenchmarks':
    case 'pythPro': {
      const from = window.startAtSeconds
      const to = from + window.timeLengthSeconds + witnessSeconds
      return [{ method: 'GET', url, params: { symbol, resolution: 1, from, to } }]
    }
    case 'binanceSpot':
      return chunksOf(window, klinesLimit).map((chunk) => ({
        method: 'GET',
        url,
        params: { symbol, interval: '1m', limit: klinesLimit, ...chunk },
      }))
    case 'hyperliquidSpot':
    case 'hyperliquidPerp':
      return chunksOf(window, snapshotLimit).map((chunk) => ({
        method: 'POST',
        url,
        json: { type: 'candleSnapshot', req: { coin: symbol, interval: '1m', ...chunk } },
      }))
  }
}

/** Neither venue serves more than this many candles at a time. */
function chunksOf(window: PriceWindow, candles: number): { startTime: number; endTime: number }[] {
  const first = window.startAtSeconds * 1000
  const last = first + (window.timeLengthSeconds + witnessSeconds) * 1000
  const list: { startTime: number; endTime: number }[] = []
  for (let startTime = first; startTime <= last; startTime += candles * minuteMs) {
    // Both ends are served, so a chunk of n candles covers n - 1 minutes.
    list.push({ startTime, endTime: Math.min(startTime + (candles - 1) * minuteMs, last) })
  }
  return list
}

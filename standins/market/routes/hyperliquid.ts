import { isObject, type OpenObject } from '#core/base/json/open-object'
import { minuteMs } from '#core/base/time/units'
import { symbolsOf } from '../catalogue.ts'
import type { StandInAnswer, StandInRoute } from '../route.ts'
import { decimalText, type VenueView } from '../venue-view.ts'

const keptCandles = 5000

/** `POST /info`: `candleSnapshot` (at most 5000 candles back), `allMids`, with `dex` for builder markets. */
export function hyperliquidRoutes(assets: readonly string[]): StandInRoute[] {
  const coins = symbolsOf('hyperliquid', assets)
  return [
    {
      method: 'POST',
      path: '/info',
      answer(view, { body }) {
        if (!isObject(body)) return unreadable
        if (body['type'] === 'allMids') return allMids(view, coins, body['dex'])
        if (body['type'] === 'candleSnapshot' && isObject(body['req'])) return candles(view, coins, body['req'])
        return unreadable
      },
    },
  ]
}

/** The real server's answer to a body without the `req` wrapper, or of an unknown type. */
const unreadable: StandInAnswer = { status: 422, value: 'Failed to deserialize the JSON body into the target type' }

function allMids(view: VenueView, coins: ReadonlyMap<string, string>, dex: unknown): StandInAnswer {
  const prefix = typeof dex === 'string' && dex !== '' ? `${dex}:` : undefined
  const mids: Record<string, string | null> = {}
  for (const [coin, asset] of coins) {
    const belongs = prefix === undefined ? !coin.includes(':') : coin.startsWith(prefix)
    const price = belongs ? view.price(view.answeredAsset(asset)) : undefined
    if (price !== undefined) mids[coin] = decimalText(price)
  }
  return { value: mids }
}

function candles(view: VenueView, coins: ReadonlyMap<string, string>, req: OpenObject): StandInAnswer {
  const { coin, interval, startTime, endTime } = req
  if (typeof coin !== 'string' || interval !== '1m' || typeof startTime !== 'number') return unreadable
  const asset = coins.get(coin)
  if (asset === undefined) return { value: null }
  const answered = view.answeredAsset(asset)
  const answeredCoin = answered === asset ? coin : [...coins].find(([, other]) => other === answered)?.[0]
  // The candle that holds the start time belongs to the range.
  const fromMs = Math.max(Math.floor(startTime / minuteMs) * minuteMs, view.nowMs - keptCandles * minuteMs)
  const found = view.candles(answered, fromMs, typeof endTime === 'number' ? endTime : view.nowMs)
  return {
    value: found.slice(-keptCandles).map((candle) => ({
      t: candle.openAtMs,
      T: candle.openAtMs + minuteMs - 1,
      s: answeredCoin ?? coin,
      i: '1m',
      o: decimalText(candle.open, 1),
      c: decimalText(candle.close, 1),
      h: decimalText(candle.high, 1),
      l: decimalText(candle.low, 1),
      v: '1.0',
      n: 1,
    })),
  }
}

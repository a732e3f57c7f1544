import { dayMs, minuteMs } from '#core/base/time/units'
import { symbolsOf } from '../catalogue.ts'
import type { StandInAnswer, StandInRoute } from '../route.ts'
import { decimalText, type VenueView } from '../venue-view.ts'

const mostRows = 1000

/** `/api/v3/klines`, `/api/v3/ticker/price` and `/api/v3/ticker/24hr` of Binance spot. */
export function binanceRoutes(assets: readonly string[]): StandInRoute[] {
  const symbols = symbolsOf('binance', assets)
  const symbolOf = (asset: string) => [...symbols].find(([, other]) => other === asset)?.[0]

  const tickers = (view: VenueView, query: URLSearchParams, row: (symbol: string, asset: string) => object) => {
    const one = query.get('symbol')
    const asked = one === null ? parseSymbols(query.get('symbols')) : [one]
    if (asked === undefined) return refusal(-1100, 'Illegal characters found in a parameter.')
    if (asked.some((symbol) => !symbols.has(symbol))) return refusal(-1121, 'Invalid symbol.')
    const rows = asked.flatMap((symbol) => {
      const asset = view.answeredAsset(symbols.get(symbol)!)
      return view.price(asset) === undefined ? [] : [row(symbolOf(asset) ?? symbol, asset)]
    })
    return { value: one === null ? rows : rows[0] }
  }

  return [
    {
      method: 'GET',
      path: '/api/v3/klines',
      answer(view, { query }) {
        const asset = symbols.get(query.get('symbol') ?? '')
        if (asset === undefined) return refusal(-1121, 'Invalid symbol.')
        if (query.get('interval') !== '1m') return refusal(-1120, 'Invalid interval.')
        const limit = Math.min(Number(query.get('limit') ?? 500), mostRows)
        const toMs = Math.min(Number(query.get('endTime') ?? view.nowMs), view.nowMs)
        const newestMs = Math.floor(toMs / minuteMs) * minuteMs
        const fromMs = Number(query.get('startTime') ?? newestMs - (limit - 1) * minuteMs)
        if (!Number.isInteger(fromMs) || !(limit >= 1)) return refusal(-1102, 'A mandatory parameter was malformed.')
        const found = view.candles(view.answeredAsset(asset), fromMs, toMs, limit)
        return {
          value: found.map((candle) => [
            candle.openAtMs,
            decimalText(candle.open, 8),
            decimalText(candle.high, 8),
            decimalText(candle.low, 8),
            decimalText(candle.close, 8),
            '1.00000000',
            candle.openAtMs + minuteMs - 1,
            decimalText(candle.open, 8),
            1,
            '0.50000000',
            decimalText(candle.open / 2, 8),
            '0',
          ]),
        }
      },
    },
    {
      method: 'GET',
      path: '/api/v3/ticker/price',
      answer: (view, { query }) =>
        tickers(view, query, (symbol, asset) => ({ symbol, price: decimalText(view.price(asset)!, 8) })),
    },
    {
      method: 'GET',
      path: '/api/v3/ticker/24hr',
      answer: (view, { query }) =>
        tickers(view, query, (symbol, asset) => {
          const price = decimalText(view.price(asset)!, 8)
          return {
            symbol,
            openPrice: price,
            highPrice: price,
            lowPrice: price,
            lastPrice: price,
            volume: '1.00000000',
            quoteVolume: price,
            openTime: view.nowMs - dayMs,
            closeTime: view.nowMs,
            firstId: 1,
            lastId: 1,
            count: 1,
          }
        }),
    },
  ]
}

function parseSymbols(text: string | null): string[] | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '')
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined
  } catch {
    return undefined
  }
}

function refusal(code: number, msg: string): StandInAnswer {
  return { status: 400, value: { code, msg } }
}

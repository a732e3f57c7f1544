import { symbolsOf } from '../catalogue.ts'
import type { StandInRoute } from '../route.ts'

/** A request for more one-minute bars gets an error. */
const mostBars = 10_000

/** The TradingView history of Benchmarks and of Pyth Pro: one format, two addresses. */
export function pythHistoryRoutes(path: string, assets: readonly string[]): StandInRoute[] {
  const symbols = symbolsOf('pyth', assets)
  return [
    {
      method: 'GET',
      path,
      answer(view, { query }) {
        const asset = symbols.get(query.get('symbol') ?? '')
        const from = Number(query.get('from') ?? Number.NaN)
        const to = Number(query.get('to') ?? Number.NaN)
        if (asset === undefined) return { value: errorOf('symbol not found') }
        if (query.get('resolution') !== '1') return { value: errorOf('unsupported resolution') }
        if (!Number.isInteger(from) || !Number.isInteger(to)) return { value: errorOf('from and to are required') }
        if ((to - from) / 60 > mostBars) return { value: errorOf('the range has too many bars') }
        const candles = view.candles(view.answeredAsset(asset), from * 1000, to * 1000)
        if (candles.length === 0) return { value: { s: 'no_data', t: [], o: [], h: [], l: [], c: [], v: [] } }
        return {
          value: {
            s: 'ok',
            t: candles.map((candle) => candle.openAtMs / 1000),
            o: candles.map((candle) => candle.open),
            h: candles.map((candle) => candle.high),
            l: candles.map((candle) => candle.low),
            c: candles.map((candle) => candle.close),
            v: candles.map(() => 0),
          },
        }
      },
    },
  ]
}

function errorOf(errmsg: string) {
  return { s: 'error', errmsg, t: [], o: [], h: [], l: [], c: [], v: [] }
}

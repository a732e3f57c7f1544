import { symbolsOf } from '../catalogue.ts'
import type { StandInRoute } from '../route.ts'

/** `/api/v3/simple/price`: unknown ids are left out, as on the real server. */
export function coingeckoRoutes(assets: readonly string[]): StandInRoute[] {
  const coins = symbolsOf('coingecko', assets)
  const coinOf = (asset: string) => [...coins].find(([, other]) => other === asset)?.[0]
  return [
    {
      method: 'GET',
      path: '/api/v3/simple/price',
      answer(view, { query }) {
        if (query.get('vs_currencies') === null) {
          return { status: 422, value: { error: 'Missing parameter vs_currencies' } }
        }
        const found: Record<string, object> = {}
        for (const coin of (query.get('ids') ?? '').split(',')) {
          const asset = coins.get(coin)
          if (asset === undefined) continue
          const answered = view.answeredAsset(asset)
          const price = view.price(answered)
          if (price === undefined) continue
          const dated =
            query.get('include_last_updated_at') === 'true' ? { last_updated_at: Math.floor(view.nowMs / 1000) } : {}
          found[answered === asset ? coin : (coinOf(answered) ?? coin)] = { usd: price, ...dated }
        }
        return { value: found }
      },
    },
  ]
}

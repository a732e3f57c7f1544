import { isObject } from '#core/base/json/open-object'
import type { LatestPrice, LatestPriceAnswer } from '#core/market/venues/latest-price'
import { toEpochMs, toPrice } from '#core/market/venues/price-number'
import { venueFailure } from '#core/market/venues/venue'
import { failAll } from './answer-shapes.ts'
import { type RequestLimits, requestJson, urlUnder } from './http-json.ts'

export interface CoingeckoOptions {
  readonly baseUrl: string
  /** A demo key removes the limit of the open tier (about 5 to 15 calls a minute). */
  readonly apiKey?: string | undefined
  readonly latest: RequestLimits
}

/** CoinGecko's simple price; symbols are its coin ids (`bitcoin`, `bittensor`). Dated to the second by its own clock. */
export function createCoingecko(options: CoingeckoOptions): LatestPrice {
  const headers = options.apiKey === undefined ? {} : { 'x-cg-demo-api-key': options.apiKey }
  return {
    venue: 'coingecko',

    async fetchLatest(symbols, signal) {
      const query = {
        ids: symbols.join(','),
        vs_currencies: 'usd',
        include_last_updated_at: 'true',
        precision: 'full',
      }
      const url = urlUnder(options.baseUrl, 'api/v3/simple/price', query)
      const answer = await requestJson({ url, headers }, options.latest, signal)
      if (!answer.ok) return failAll(symbols, answer)
      if (!isObject(answer.value)) return failAll(symbols, venueFailure('malformed', 'CoinGecko: not an object'))
      const coins = answer.value
      const hasStrangers = Object.keys(coins).some((coin) => !symbols.includes(coin))
      return new Map(symbols.map((symbol) => [symbol, readCoin(symbol, coins, hasStrangers)]))
    },
  }
}

function readCoin(symbol: string, coins: Readonly<Record<string, unknown>>, hasStrangers: boolean): LatestPriceAnswer {
  const coin = Object.hasOwn(coins, symbol) ? coins[symbol] : undefined
  if (coin === undefined) {
    return hasStrangers
      ? venueFailure('wrongFeed', `CoinGecko: asked for ${symbol}, another coin came`)
      : venueFailure('unknownSymbol', `CoinGecko: no coin ${symbol}`)
  }
  if (!isObject(coin)) return venueFailure('malformed', `CoinGecko: ${symbol} is not an object`)
  const priceUsd = toPrice(coin['usd'])
  if (priceUsd === undefined) return venueFailure('invalidPrice', `CoinGecko: ${symbol} has no finite positive price`)
  const publishedAtMs = toEpochMs(coin['last_updated_at'], 'seconds')
  if (publishedAtMs === undefined) return venueFailure('malformed', `CoinGecko: ${symbol} has no time`)
  return { ok: true, venue: 'coingecko', symbol, priceUsd, publishedAtMs }
}

import { isObject } from '#core/base/json/open-object'
import type { Clock } from '#core/base/time/clock'
import type { LatestPrice, LatestPriceAnswer } from '#core/market/venues/latest-price'
import type { MinuteHistory } from '#core/market/venues/minute-history'
import { toEpochMs, toPrice } from '#core/market/venues/price-number'
import { type VenueFailure, venueFailure } from '#core/market/venues/venue'
import { failAll, MinuteCollector, splitRange } from './answer-shapes.ts'
import { type HttpFailure, type RequestLimits, requestJson, urlUnder } from './http-json.ts'

export interface BinanceSpotOptions {
  /** `https://api.binance.com`; where that answers 451, `https://data-api.binance.vision`. */
  readonly baseUrl: string
  readonly latest: RequestLimits
  readonly history: RequestLimits
}

const rowsPerRequest = 1000
/** Binance's own code for a symbol that it does not list; one of them fails the whole call. */
const invalidSymbolCode = -1121

/** Public market data of Binance spot. It has a candle for every minute, also for minutes without a trade. */
export function createBinanceSpot(
  deps: { clock: Clock },
  options: BinanceSpotOptions,
): LatestPrice & MinuteHistory & { readonly venue: 'binanceSpot' } {
  return {
    venue: 'binanceSpot',

    async fetchLatest(symbols, signal) {
      const answers = await fetchTickers(options, symbols, signal)
      if (!isUnknownSymbol(answers) || symbols.length < 2) return toAnswers(symbols, answers)
      const apart = new Map<string, LatestPriceAnswer>()
      for (const symbol of symbols) {
        const alone = toAnswers([symbol], await fetchTickers(options, [symbol], signal))
        apart.set(symbol, alone.get(symbol)!)
      }
      return apart
    },

    async fetchMinutes(range, signal) {
      const collected = new MinuteCollector(deps.clock, range)
      for (const { fromMs, toMs } of splitRange(range, rowsPerRequest)) {
        const query = {
          symbol: range.symbol,
          interval: '1m',
          limit: rowsPerRequest,
          startTime: fromMs,
          endTime: toMs,
        }
        const answer = await requestJson(
          { url: urlUnder(options.baseUrl, 'api/v3/klines', query) },
          options.history,
          signal,
        )
        if (!answer.ok) return toFailure(answer)
        if (!Array.isArray(answer.value)) return venueFailure('malformed', 'Binance klines: not a list of rows')
        for (const row of answer.value as unknown[]) {
          if (Array.isArray(row)) {
            const [openAt, open, high, low, close, volume] = row as unknown[]
            collected.add(toEpochMs(openAt, 'milliseconds'), close, { open, high, low, volume })
          } else return venueFailure('malformed', 'Binance klines: a row is not a list')
        }
      }
      return collected.answer()
    },
  }
}

type Tickers = { ok: true; value: unknown; servedAtMs: number | undefined } | HttpFailure

/** The 24-hour ticker: unlike the plain price it has a time, so that a standstill is noticed. */
function fetchTickers(options: BinanceSpotOptions, symbols: readonly string[], signal?: AbortSignal): Promise<Tickers> {
  const query = { symbols: JSON.stringify(symbols), type: 'MINI' }
  return requestJson({ url: urlUnder(options.baseUrl, 'api/v3/ticker/24hr', query) }, options.latest, signal)
}

function toAnswers(symbols: readonly string[], tickers: Tickers): ReadonlyMap<string, LatestPriceAnswer> {
  if (!tickers.ok) return failAll(symbols, toFailure(tickers))
  return readTickers(symbols, tickers.value, tickers.servedAtMs)
}

/** Rows of `ticker/24hr` (lastPrice, closeTime) or `ticker/price` (price; dated by when the server answered). */
export function readTickers(
  symbols: readonly string[],
  value: unknown,
  servedAtMs: number | undefined,
): ReadonlyMap<string, LatestPriceAnswer> {
  const rows = Array.isArray(value) ? (value as unknown[]) : [value]
  const answers = new Map<string, LatestPriceAnswer>()
  let strangers = 0
  for (const row of rows) {
    if (!isObject(row) || typeof row['symbol'] !== 'string') {
      return failAll(symbols, venueFailure('malformed', 'Binance ticker: a row without a symbol'))
    }
    if (symbols.includes(row['symbol'])) answers.set(row['symbol'], readTicker(row['symbol'], row, servedAtMs))
    else strangers += 1
  }
  for (const symbol of symbols) {
    if (answers.has(symbol)) continue
    answers.set(
      symbol,
      strangers > 0
        ? venueFailure('wrongFeed', `Binance ticker: asked for ${symbol}, another symbol came`)
        : venueFailure('noData', `Binance ticker: no row for ${symbol}`),
    )
  }
  return answers
}

function readTicker(
  symbol: string,
  row: Readonly<Record<string, unknown>>,
  servedAtMs: number | undefined,
): LatestPriceAnswer {
  const priceUsd = toPrice(row['lastPrice'] ?? row['price'])
  if (priceUsd === undefined) {
    return venueFailure('invalidPrice', `Binance ticker: ${symbol} has no finite positive price`)
  }
  const publishedAtMs = row['closeTime'] === undefined ? servedAtMs : toEpochMs(row['closeTime'], 'milliseconds')
  if (publishedAtMs === undefined) return venueFailure('malformed', `Binance ticker: ${symbol} has no time`)
  return { ok: true, venue: 'binanceSpot', symbol, priceUsd, publishedAtMs }
}

function isUnknownSymbol(answer: Tickers): boolean {
  return !answer.ok && isObject(answer.detail) && answer.detail['code'] === invalidSymbolCode
}

function toFailure(answer: HttpFailure): VenueFailure {
  return venueFailure(isUnknownSymbol(answer) ? 'unknownSymbol' : answer.reason, answer.message, answer.retryAfterMs)
}

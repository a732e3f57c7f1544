import { isObject, type OpenObject } from '#core/base/json/open-object'
import type { Clock } from '#core/base/time/clock'
import { minuteMs } from '#core/base/time/units'
import type { LatestPrice, LatestPriceAnswer } from '#core/market/venues/latest-price'
import type { MinuteHistory, MinuteHistoryAnswer, MinuteRange } from '#core/market/venues/minute-history'
import { toEpochMs, toPrice } from '#core/market/venues/price-number'
import { type VenueFailure, venueFailure } from '#core/market/venues/venue'
import { failAll, MinuteCollector, splitRange } from './answer-shapes.ts'
import { type RequestLimits, requestJson, urlUnder } from './http-json.ts'

export interface HyperliquidOptions {
  readonly venue: 'hyperliquidSpot' | 'hyperliquidPerp'
  readonly baseUrl: string
  readonly latest: RequestLimits
  readonly history: RequestLimits
}

/** The server keeps this many candles of a coin, and answers at most as many. */
const keptCandles = 5000
const witnessAgeMs = 60_000
const witnessWindowMs = 5 * minuteMs
/** A mid this far from the last trade is another coin's, or comes from a broken book. */
const largestMidShare = 0.05

interface Witness {
  readonly readAtMs: number
  /** Undefined in a quiet market: nothing to compare a mid with. */
  readonly close: number | undefined
  /** The server named it another coin's candle. */
  readonly isStranger: boolean
}

interface SeenMids {
  readonly text: string
  readonly sinceMs: number
}

/**
 * Hyperliquid's public info endpoint. Coins of builder markets carry their market's name (`xyz:GOLD`), spot pairs their
 * index (`@107`). Mids come for a whole market in one cheap call, but without a time and without a name inside. So they
 * are dated by the time when the market last moved, and each is compared with the last trade of the coin's own candle.
 */
export class Hyperliquid implements LatestPrice, MinuteHistory {
  readonly venue: HyperliquidOptions['venue']
  readonly #clock: Clock
  readonly #options: HyperliquidOptions
  readonly #witnesses = new Map<string, Witness>()
  readonly #seenMids = new Map<string, SeenMids>()

  constructor(deps: { clock: Clock }, options: HyperliquidOptions) {
    this.venue = options.venue
    this.#clock = deps.clock
    this.#options = options
  }

  async fetchLatest(symbols: readonly string[], signal?: AbortSignal): Promise<ReadonlyMap<string, LatestPriceAnswer>> {
    const byMarket = new Map<string, string[]>()
    for (const coin of symbols) byMarket.set(marketOf(coin), [...(byMarket.get(marketOf(coin)) ?? []), coin])
    const parts = await Promise.all([...byMarket].map(([market, coins]) => this.#latestOf(market, coins, signal)))
    return new Map(parts.flatMap((part) => [...part]))
  }

  async fetchMinutes(range: MinuteRange, signal?: AbortSignal): Promise<MinuteHistoryAnswer> {
    const collected = new MinuteCollector(this.#clock, range)
    for (const { fromMs, toMs } of splitRange(range, keptCandles)) {
      const candles = await this.#candles(range.symbol, fromMs, toMs, this.#options.history, signal)
      if (!Array.isArray(candles)) return candles
      for (const { t, o: open, h: high, l: low, c, v: volume } of candles) {
        collected.add(toEpochMs(t, 'milliseconds'), c, { open, high, low, volume })
      }
    }
    // Older candles are dropped, those of thinly traded coins later than others: the answer itself shows how far it
    // reaches.
    const reachMs = Math.ceil(this.#clock.nowMs() / minuteMs - keptCandles) * minuteMs
    const oldestMs = collected.minutes.reduce((oldest, { openAtMs }) => Math.min(oldest, openAtMs), reachMs)
    return collected.answer(Math.max(range.fromMs, oldestMs))
  }

  async #latestOf(
    market: string,
    coins: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<ReadonlyMap<string, LatestPriceAnswer>> {
    const body = market === '' ? { type: 'allMids' } : { type: 'allMids', dex: market }
    const [answer] = await Promise.all([
      requestJson({ url: this.#infoUrl(), body }, this.#options.latest, signal),
      ...coins.map((coin) => this.#refreshWitness(coin, witnessAgeMs, signal)),
    ])
    if (!answer.ok) return failAll(coins, answer)
    if (!isObject(answer.value)) return failAll(coins, venueFailure('malformed', 'Hyperliquid mids: not an object'))
    const mids = answer.value
    const publishedAtMs = this.#dateMids(market, mids, answer.servedAtMs ?? this.#clock.nowMs())
    const answers = await Promise.all(coins.map((coin) => this.#checkMid(coin, mids, publishedAtMs, signal)))
    return new Map(coins.map((coin, i) => [coin, answers[i]!]))
  }

  /** A market whose mids have not moved at all since is as old as its last movement. */
  #dateMids(market: string, mids: OpenObject, servedAtMs: number): number {
    const text = JSON.stringify(mids)
    const seen = this.#seenMids.get(market)
    if (seen?.text === text) return Math.min(seen.sinceMs, servedAtMs)
    this.#seenMids.set(market, { text, sinceMs: servedAtMs })
    return servedAtMs
  }

  async #checkMid(
    coin: string,
    mids: OpenObject,
    publishedAtMs: number,
    signal: AbortSignal | undefined,
  ): Promise<LatestPriceAnswer> {
    if (!Object.hasOwn(mids, coin)) return venueFailure('unknownSymbol', `Hyperliquid mids: no ${coin}`)
    const priceUsd = toPrice(mids[coin])
    if (priceUsd === undefined) {
      return venueFailure('invalidPrice', `Hyperliquid mids: ${coin} has no finite positive price`)
    }
    if (!this.#agrees(coin, priceUsd)) {
      // The market may have moved since the candle was read: read it once more before refusing.
      await this.#refreshWitness(coin, 0, signal)
      if (!this.#agrees(coin, priceUsd)) {
        return venueFailure('wrongFeed', `Hyperliquid mids: ${coin} at ${priceUsd} is far from its own last trade`)
      }
    }
    return { ok: true, venue: this.venue, symbol: coin, priceUsd, publishedAtMs }
  }

  #agrees(coin: string, priceUsd: number): boolean {
    const witness = this.#witnesses.get(coin)
    if (witness?.isStranger === true) return false
    if (witness?.close === undefined) return true
    return Math.abs(priceUsd - witness.close) <= largestMidShare * witness.close
  }

  /** Without an answer the last witness is used; one from before a quiet period would refuse honest prices. */
  async #refreshWitness(coin: string, maxAgeMs: number, signal: AbortSignal | undefined): Promise<void> {
    const readAtMs = this.#clock.nowMs()
    const known = this.#witnesses.get(coin)
    if (known !== undefined && readAtMs - known.readAtMs < maxAgeMs) return
    const candles = await this.#candles(coin, readAtMs - witnessWindowMs, readAtMs, this.#options.latest, signal)
    if (Array.isArray(candles)) {
      this.#witnesses.set(coin, { readAtMs, close: toPrice(candles.at(-1)?.['c']), isStranger: false })
    } else if (candles.reason === 'wrongFeed') {
      this.#witnesses.set(coin, { readAtMs, close: undefined, isStranger: true })
    }
  }

  async #candles(
    coin: string,
    fromMs: number,
    toMs: number,
    limits: RequestLimits,
    signal: AbortSignal | undefined,
  ): Promise<OpenObject[] | VenueFailure> {
    const body = { type: 'candleSnapshot', req: { coin, interval: '1m', startTime: fromMs, endTime: toMs } }
    const answer = await requestJson({ url: this.#infoUrl(), body }, limits, signal)
    if (!answer.ok) return venueFailure(answer.reason, answer.message, answer.retryAfterMs)
    if (answer.value === null) return venueFailure('unknownSymbol', `Hyperliquid candles: no coin ${coin}`)
    if (!Array.isArray(answer.value)) return venueFailure('malformed', 'Hyperliquid candles: not a list')
    const candles: OpenObject[] = []
    for (const candle of answer.value as unknown[]) {
      if (!isObject(candle)) return venueFailure('malformed', 'Hyperliquid candles: a candle is not an object')
      if (candle['s'] !== coin || candle['i'] !== '1m') {
        const got = `${String(candle['s'])} ${String(candle['i'])}`.slice(0, 60)
        return venueFailure('wrongFeed', `Hyperliquid candles: asked for ${coin} 1m, got ${got}`)
      }
      candles.push(candle)
    }
    return candles
  }

  #infoUrl(): URL {
    return urlUnder(this.#options.baseUrl, 'info')
  }
}

/** `xyz:GOLD` belongs to the market `xyz`; everything else, spot pairs included, to the first one. */
function marketOf(coin: string): string {
  const colon = coin.indexOf(':')
  return colon === -1 ? '' : coin.slice(0, colon)
}

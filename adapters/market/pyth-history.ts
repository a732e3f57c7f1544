import { isObject } from '#core/base/json/open-object'
import type { Clock } from '#core/base/time/clock'
import type { MinuteHistory } from '#core/market/venues/minute-history'
import { toEpochMs } from '#core/market/venues/price-number'
import type { PythHistory } from '#core/market/venues/price-sources'
import { venueFailure } from '#core/market/venues/venue'
import { MinuteCollector, splitRange } from './answer-shapes.ts'
import { type RequestLimits, requestJson, urlUnder } from './http-json.ts'

export interface PythHistoryOptions {
  readonly venue: PythHistory
  /** Without the last part of the path, `history`. */
  readonly baseUrl: string
  readonly apiKey?: string | undefined
  readonly history: RequestLimits
}

/** Above about 10 000 bars the server answers with an error and no rows. */
const minutesPerRequest = 5000

/**
 * One-minute closes in the TradingView (UDF) format, as both of Pyth's history hosts serve them. Benchmarks was retired
 * on 2026-08-26 and is kept for installations with their own; Pro answers the same question at another address.
 */
export function createPythHistory(deps: { clock: Clock }, options: PythHistoryOptions): MinuteHistory {
  const headers = options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` }
  return {
    venue: options.venue,

    async fetchMinutes(range, signal) {
      const collected = new MinuteCollector(deps.clock, range)
      for (const { fromMs, toMs } of splitRange(range, minutesPerRequest)) {
        const query = {
          symbol: range.symbol,
          resolution: '1',
          from: Math.floor(fromMs / 1000),
          to: Math.floor(toMs / 1000),
        }
        const url = urlUnder(options.baseUrl, 'history', query)
        const answer = await requestJson({ url, headers }, options.history, signal)
        if (!answer.ok) return venueFailure(answer.reason, answer.message, answer.retryAfterMs)
        if (!isObject(answer.value)) return venueFailure('malformed', 'Pyth history: not an object')
        const { s: state, t: times, c: closes, errmsg } = answer.value
        if (state === 'no_data') continue
        if (state === 'error') return refusal(String(errmsg ?? 'no reason given').slice(0, 160))
        if (state !== 'ok' || !Array.isArray(times) || !Array.isArray(closes)) {
          return venueFailure('malformed', 'Pyth history: neither rows nor a reason')
        }
        // If the columns have different lengths, the validator reads the rows that both have.
        const rows = Math.min(times.length, closes.length)
        const [opens, highs, lows] = [answer.value['o'], answer.value['h'], answer.value['l']].map(listOf)
        for (let i = 0; i < rows; i += 1) {
          // The volume of an oracle is always 0: it has none.
          collected.add(toEpochMs(times[i], 'seconds'), closes[i], { open: opens![i], high: highs![i], low: lows![i] })
        }
      }
      return collected.answer()
    },
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function refusal(text: string) {
  const isUnknown = /symbol|not found|unknown/i.test(text)
  return venueFailure(isUnknown ? 'unknownSymbol' : 'rejected', `Pyth history: ${text}`)
}

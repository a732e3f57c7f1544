import { z } from 'zod'
import { parsePythonDatetime } from '#core/base/time/python-datetime'
import type { PriceVenue, Regime } from '#core/synth/regimes/regime'
import {
  type CandleReading,
  gridOf,
  readCandleSnapshot,
  readKlines,
  readTradingViewHistory,
  uncheckedGridOf,
} from '#core/synth/scoring/candle-payloads'
import type { PriceWindow } from '#core/synth/scoring/price-grid'
import { type PriceRequest, priceRequests, pythVenueOf } from '#tests/support/subnet/price-requests'
import { firstDifference } from './compare.ts'
import { vectorRegimes } from './known-regimes.ts'
import { type CaseResult, caseList, compareCases, defineSuite, expectedError, expectedNumber } from './suite.ts'

const mayCase = z.strictObject({
  id: z.string(),
  asset: z.string(),
  backend: z.string(),
  start_time: z.string(),
  time_length: z.number(),
  time_increment: z.number(),
  payload: z.unknown(),
  expected: z.union([z.strictObject({ prices: z.array(expectedNumber) }), z.strictObject({ error: z.string() })]),
  expected_first_request: z.unknown(),
})
const may = z.strictObject({
  pyth_symbols: z.record(z.string(), z.string()),
  hyperliquid_symbols: z.record(z.string(), z.string()),
  cases: caseList(mayCase),
})

const julyCase = z.strictObject({
  id: z.string(),
  venue: z.enum(['binance', 'hyperliquid']),
  asset: z.string(),
  start: z.number(),
  time_length: z.number(),
  time_increment: z.number(),
  served: z.enum(['range', 'raw']),
  rows: z.array(z.unknown()),
  expected_requests: z.array(z.unknown()),
  expected: z.union([z.array(expectedNumber), z.string(), expectedError]),
  fetch_data: z.string(),
})
const july = z.strictObject({
  binance_symbols: z.record(z.string(), z.string()),
  hyperliquid_coins: z.record(z.string(), z.string()),
  cases: caseList(julyCase),
})

type Symbols = Readonly<Record<string, string>>

export const priceTransform = defineSuite(z.union([may, july]), (document) => {
  if ('pyth_symbols' in document) {
    const { pyth_symbols, hyperliquid_symbols, cases } = document
    return {
      symbols: compareSymbols(vectorRegimes.may, {
        pythBenchmarks: pyth_symbols,
        hyperliquidPerp: hyperliquid_symbols,
      }),
      cases: compareCases(
        cases,
        ({ id }) => id,
        (item) => mayDifference(item, pyth_symbols, hyperliquid_symbols),
      ),
    }
  }
  const { binance_symbols, hyperliquid_coins, cases } = document
  const symbols = { binance: binance_symbols, hyperliquid: hyperliquid_coins }
  return {
    symbols: compareSymbols(vectorRegimes.july, { binanceSpot: binance_symbols, hyperliquid: hyperliquid_coins }),
    cases: compareCases(
      cases,
      ({ id }) => id,
      (item) => julyDifference(item, symbols[item.venue]),
    ),
  }
})

/** The symbols in our table are those the validator asked for, venue by venue. */
function compareSymbols(regime: Regime, expected: Readonly<Record<string, Symbols>>): CaseResult[] {
  return compareCases(
    Object.entries(expected),
    ([venue]) => venue,
    ([venue, symbols]) => {
      const ours = Object.keys(symbols).map((asset) => {
        const source = regime.priceSources[asset]
        return [asset, source?.venue.startsWith(venue) === true ? source.symbol : undefined]
      })
      return firstDifference(Object.fromEntries(ours), symbols)
    },
  )
}

function mayDifference(item: z.output<typeof mayCase>, pyth: Symbols, hyperliquid: Symbols): string | null {
  const coin = hyperliquid[item.asset]
  const venue: PriceVenue = coin === undefined ? pythVenueOf(item.backend) : 'hyperliquidPerp'
  const symbol = coin ?? pyth[item.asset]
  // The validator looks the asset up in its table of symbols and raises before it asks anybody.
  if (symbol === undefined) {
    return firstDifference([{ error: 'KeyError' }, null], [item.expected, item.expected_first_request])
  }
  // Offset discarded: this is the second reading of the same text, the answer check takes the first.
  const startAtSeconds = parsePythonDatetime(item.start_time)?.wallSeconds ?? Number.NaN
  const window = windowOf(item, startAtSeconds)
  const request = priceRequests({ venue, symbol }, window)[0]
  const reading =
    venue === 'hyperliquidPerp'
      ? readCandleSnapshot(item.payload, window)
      : readTradingViewHistory(item.payload, window)
  return firstDifference([mayOutcome(window, reading), request], [item.expected, item.expected_first_request])
}

function mayOutcome(window: PriceWindow, reading: CandleReading): object {
  // A payload without a member is a KeyError there, and a problem with the member's name here.
  if (!reading.ok) return { error: /^[tc]$/.test(reading.at) ? 'KeyError' : reading.problem }
  const grid = gridOf(window, reading)
  if (grid.ok) return { prices: grid.prices }
  return { error: grid.reason === 'notSettled' ? 'not-settled' : 'last-missing' }
}

function julyDifference(item: z.output<typeof julyCase>, symbols: Symbols): string | null {
  const symbol = symbols[item.asset]
  if (symbol === undefined) return `no symbol for ${item.asset}`
  const window = windowOf(item, item.start)
  const requests = priceRequests(
    { venue: item.venue === 'binance' ? 'binanceSpot' : 'hyperliquidPerp', symbol },
    window,
  )
  const rows = requests.flatMap((request) => (item.served === 'raw' ? item.rows : servedRows(item.rows, request)))
  const reading = item.venue === 'binance' ? readKlines(rows, window) : readCandleSnapshot(rows, window)
  if (!reading.ok) return `${reading.at}: ${reading.problem}`
  const actual = {
    requests: requests.map((request) => (request.method === 'GET' ? request.params : request.json)),
    grid: uncheckedGridOf(window, reading) ?? '!raises ValueError',
    fetched: gridOf(window, reading).ok ? 'ok' : '!raises ValueError',
  }
  return firstDifference(actual, { requests: item.expected_requests, grid: item.expected, fetched: item.fetch_data })
}

/** The test server of the vectors: rows inside the asked range, cut at the venue's limit. */
function servedRows(rows: readonly unknown[], request: PriceRequest): unknown[] {
  const { startTime, endTime } = request.method === 'GET' ? request.params : request.json.req
  const limit = request.method === 'GET' ? 1000 : 5000
  const inside = rows.filter((row) => {
    const open = Array.isArray(row) ? (row[0] as number) : (row as { t: number }).t
    return open >= Number(startTime) && open <= Number(endTime)
  })
  return inside.slice(0, limit)
}

function windowOf(item: { time_length: number; time_increment: number }, startAtSeconds: number): PriceWindow {
  return { startAtSeconds, timeLengthSeconds: item.time_length, stepSeconds: item.time_increment }
}

import { describe, expect, it } from 'vitest'
import type { Venues } from '#adapters/market/venues'
import { SplitMix64 } from '#core/base/random/rng'
import { minuteMs } from '#core/base/time/units'
import type { VenueId } from '#core/market/venues/venue'
import { mutateJson } from '#tests/support/json-mutations'
import { type MarketLab, startMarketLab, venuesAt } from '#tests/support/market-lab'
import { startScriptedServer } from '#tests/support/scripted-server'

const payloads = 10_000
const seed = BigInt(process.env['VOLCAST_TEST_SEED'] ?? '20260922')

/** The prices that came out of one answer; what is not a price is checked on the spot. */
type Ask = (venues: Venues, lab: MarketLab) => Promise<number[]>

const latest =
  (venue: VenueId, symbols: readonly string[]): Ask =>
  async (venues) => {
    const answers = await venues.latest.get(venue)!.fetchLatest(symbols)
    expect([...answers.keys()].sort()).toEqual([...symbols].sort())
    return [...answers.values()].flatMap((answer) => {
      if (!answer.ok) return []
      expect(Number.isFinite(answer.publishedAtMs)).toBe(true)
      expect(answer.confidenceUsd === undefined || answer.confidenceUsd >= 0).toBe(true)
      return [answer.priceUsd]
    })
  }

const minutes =
  (venue: VenueId, symbol: string): Ask =>
  async (venues, { clock }) => {
    const toMs = Math.floor(clock.nowMs() / minuteMs) * minuteMs
    const range = { symbol, fromMs: toMs - 8 * minuteMs, toMs }
    const answer = await venues.history.get(venue)!.fetchMinutes(range)
    if (!answer.ok) return []
    for (const { openAtMs } of answer.minutes) {
      expect(Number.isInteger(openAtMs) && openAtMs < clock.nowMs() + minuteMs).toBe(true)
    }
    return answer.minutes.map(({ close }) => close)
  }

const stream: Ask = async (venues) => {
  const prices: number[] = []
  const symbols = ['Crypto.BTC/USD', 'Crypto.ETH/USD']
  const ended = await venues.streams[0]!.run(
    symbols,
    ({ priceUsd }) => prices.push(priceUsd),
    new AbortController().signal,
  )
  expect(ended.ok).toBe(false)
  return prices
}

const realisedPath: Ask = async (venues, { clock }) => {
  const startAtMs = Math.floor(clock.nowMs() / minuteMs) * minuteMs - 30 * minuteMs
  const prompt = { asset: 'BTC', timeLengthSeconds: 600, stepSeconds: 60, startAtMs }
  const answer = await venues.synthApi.fetchRealisedPath(prompt)
  if (!answer.ok) return []
  expect(answer.prices).toHaveLength(11)
  return [...answer.prices].filter((price) => !Number.isNaN(price))
}

const subjects: Readonly<Record<string, Ask>> = {
  'Binance, current': latest('binanceSpot', ['BTCUSDT', 'ETHUSDT']),
  'Hyperliquid, current': latest('hyperliquidPerp', ['BTC', 'HYPE']),
  'Hermes, current': latest('pythHermes', ['Crypto.BTC/USD', 'Crypto.ETH/USD']),
  'Hermes, stream': stream,
  'CoinGecko, current': latest('coingecko', ['bitcoin', 'ethereum']),
  'Binance, minutes': minutes('binanceSpot', 'BTCUSDT'),
  'Hyperliquid, minutes': minutes('hyperliquidSpot', '@107'),
  'Pyth, minutes': minutes('pythPro', 'Crypto.BTC/USD'),
  'Synth API, realised path': realisedPath,
}

describe(`${payloads} broken payloads from seed ${seed}`, () => {
  it.each(Object.entries(subjects))(
    '%s: no price but finite positive ones, no throw, always an answer',
    async (name, ask) => {
      const lab = await startMarketLab()
      const rng = new SplitMix64(seed).fork(name)
      const whole = new Map<string, string>()
      let isBroken = false
      const server = await startScriptedServer(async ({ method, path, body }) => {
        // A stream has no end to wait for: one event of it is what the other route answers.
        const isStream = path.includes('/stream?')
        const key = `${method} ${path.replace('/stream?', '/latest?')} ${body}`
        if (!whole.has(key)) {
          const init = method === 'POST' ? { method, body, headers: { 'content-type': 'application/json' } } : {}
          whole.set(key, await (await fetch(lab.standIn.url + path.replace('/stream?', '/latest?'), init)).text())
        }
        const text = isBroken ? mutateJson(whole.get(key)!, rng) : whole.get(key)!
        return isStream
          ? { body: `data:${text}\n\n`, headers: { 'content-type': 'text/event-stream' } }
          : { body: text }
      })
      expect((await ask(venuesAt(server.url, lab.clock), lab)).length, 'whole, it is priced').toBeGreaterThan(0)

      isBroken = true
      let priced = 0
      const count = Math.ceil(payloads / Object.keys(subjects).length)
      let venues = venuesAt(server.url, lab.clock)
      for (let i = 0; i < count; i += 1) {
        // Adapters remember what they saw; now and then they start afresh. The Synth API would wait for its next slot.
        if (i % 25 === 0 || ask === realisedPath) venues = venuesAt(server.url, lab.clock)
        const prices = await ask(venues, lab)
        const bad = prices.filter((price) => !(Number.isFinite(price) && price > 0))
        expect(bad, `payload ${i}`).toEqual([])
        if (prices.length > 0) priced += 1
      }
      // Neither all refused nor all let through: the damage is of both kinds.
      expect(priced).toBeGreaterThan(count / 50)
      expect(priced).toBeLessThan(count)
    },
    120_000,
  )
})

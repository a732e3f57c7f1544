import { describe, expect, it } from 'vitest'
import { defaultPriceLimits, PriceGate } from '#core/market/gates/price-gate'
import type { MarketFeed } from '#core/market/minutes/market-feed'
import type { PriceQuote } from '#core/market/venues/latest-price'
import { startMarketLab, venuesAt } from '#tests/support/market-lab'

const btc = 'Crypto.BTC/USD'

describe('Hyperliquid', () => {
  it('dates mids that never move by their first sight, though the server answers punctually', async () => {
    const frozen: MarketFeed = { assets: () => ['BTC', 'XAU'], priceAt: () => 4_235, minuteClose: () => 4_235 }
    const lab = await startMarketLab({ feed: frozen })
    const perps = lab.venues.latest.get('hyperliquidPerp')!
    const firstAtMs = lab.clock.nowMs()
    for (const passedMs of [0, 30_000, 61_000]) {
      await lab.clock.advance(passedMs - (lab.clock.nowMs() - firstAtMs))
      const quote = (await perps.fetchLatest(['xyz:GOLD'])).get('xyz:GOLD')!
      expect(quote).toMatchObject({ ok: true, publishedAtMs: firstAtMs })
      const verdict = new PriceGate().offer(
        'XAU',
        { venue: 'hyperliquidPerp', symbol: 'xyz:GOLD' },
        quote as PriceQuote,
        lab.clock.nowMs(),
      )
      expect(verdict.accepted).toBe(passedMs <= 60_000)
    }
  })

  it('serves a coin without a trade in five minutes by its mid alone', async () => {
    const quiet: MarketFeed = { assets: () => ['SPCX'], priceAt: () => 251.3, minuteClose: () => undefined }
    const lab = await startMarketLab({ feed: quiet })
    const answers = await lab.venues.latest.get('hyperliquidPerp')!.fetchLatest(['xyz:SPCX'])
    expect(answers.get('xyz:SPCX')).toMatchObject({ ok: true, priceUsd: 251.3 })
  })

  it('believes a crash of the whole market: mid and last trade fall together', async () => {
    const lab = await startMarketLab()
    const perps = lab.venues.latest.get('hyperliquidPerp')!
    await perps.fetchLatest(['xyz:GOLD'])
    const fromSeconds = lab.standIn.sinceStartSeconds()
    lab.standIn.faults.add({ venue: 'hyperliquid', kind: 'jump', asset: 'XAU', factor: 0.9, fromSeconds })
    const answer = (await perps.fetchLatest(['xyz:GOLD'])).get('xyz:GOLD')!
    expect(answer).toMatchObject({ ok: true })
  })
})

describe('Hermes', () => {
  it('keeps the last good price while the confidence interval is wider than one per cent', async () => {
    const lab = await startMarketLab()
    const series = { venue: 'pythHermes', symbol: btc } as const
    const gate = new PriceGate()
    const quote = async () => (await lab.venues.latest.get('pythHermes')!.fetchLatest([btc])).get(btc)! as PriceQuote
    const before = await quote()
    expect(gate.offer('BTC', series, before, lab.clock.nowMs())).toEqual({ accepted: true })
    lab.standIn.faults.add({ venue: 'pythHermes', kind: 'wideConfidence', asset: 'BTC', share: 0.0101 })
    await lab.clock.advance(20_000)
    expect(gate.offer('BTC', series, await quote(), lab.clock.nowMs())).toEqual({
      accepted: false,
      reason: 'uncertain',
    })
    expect(gate.read('BTC', [series], lab.clock.nowMs())).toMatchObject({
      ok: true,
      priceUsd: before.priceUsd,
      quality: 'lastGood',
    })
    const wide = new PriceGate({ ...defaultPriceLimits, maxConfidenceShareByAsset: { BTC: 0.02 } })
    expect(wide.offer('BTC', series, await quote(), lab.clock.nowMs())).toEqual({ accepted: true })
  })

  it('sends the key, and recognises the answer to a missing one', async () => {
    const lab = await startMarketLab({ hermesApiKey: 'key of the test', apiKey: 'key of the test' })
    const ask = async (venues: typeof lab.venues) =>
      (await venues.latest.get('pythHermes')!.fetchLatest([btc])).get(btc)!
    expect(await ask(lab.venues)).toMatchObject({ ok: true })
    expect(await ask(venuesAt(lab.standIn.url, lab.clock))).toMatchObject({ ok: false, reason: 'unauthorized' })
    expect(await ask(venuesAt(lab.standIn.url, lab.clock, { apiKey: 'another' }))).toMatchObject({
      reason: 'unauthorized',
    })
  })

  it('asks once: a refused request is not repeated behind our back', async () => {
    const lab = await startMarketLab()
    lab.standIn.faults.add({ venue: 'pythHermes', kind: 'slow' })
    const startedAt = performance.now()
    const answer = (await lab.venues.latest.get('pythHermes')!.fetchLatest([btc])).get(btc)!
    expect(answer).toMatchObject({ ok: false, reason: 'timeout' })
    expect(performance.now() - startedAt).toBeLessThan(700)
  })
})

describe('the stream of Hermes', () => {
  type Lab = Awaited<ReturnType<typeof startMarketLab>>

  function open(lab: Lab, onQuote: (quote: PriceQuote, stop: () => void) => void) {
    const stop = new AbortController()
    return lab.venues.streams[0]!.run(
      [btc, 'Crypto.ETH/USD'],
      (quote) => onQuote(quote, () => stop.abort()),
      stop.signal,
    )
  }

  async function listen(lab: Lab, untilQuotes: number) {
    const quotes: PriceQuote[] = []
    const ended = await open(lab, (quote, stop) => {
      if (quotes.push(quote) >= untilQuotes) stop()
    })
    return { quotes, ended }
  }

  it('pushes prices of all feeds, dated by the venue, until it is cancelled', async () => {
    const lab = await startMarketLab({ hermesApiKey: 'k', apiKey: 'k' })
    const { quotes, ended } = await listen(lab, 6)
    expect(ended.reason).toBe('cancelled')
    expect(new Set(quotes.map((quote) => quote.symbol))).toEqual(new Set([btc, 'Crypto.ETH/USD']))
    for (const quote of quotes) {
      const truth = lab.market.priceAt(quote.symbol === btc ? 'BTC' : 'ETH', lab.clock.nowMs())!
      expect(quote.priceUsd).toBeCloseTo(truth, 7)
      expect(quote.publishedAtMs).toBe(lab.clock.nowMs())
    }
  })

  it.each([
    [{ kind: 'down' }, 'unreachable'],
    [{ kind: 'rateLimited', retryAfterSeconds: 3 }, 'rateLimited'],
    [{ kind: 'unauthorized' }, 'unauthorized'],
    [{ kind: 'garbage' }, 'malformed'],
    [{ kind: 'serverError' }, 'serverError'],
    [{ kind: 'slow', delayMs: 60_000 }, 'timeout'],
    [{ kind: 'hugeBody', megabytes: 40 }, 'malformed'],
    [{ kind: 'redirect', location: '/elsewhere' }, 'rejected'],
  ] as const)('ends with a named reason when it cannot be opened: %j', async (fault, reason) => {
    const lab = await startMarketLab()
    lab.standIn.faults.add({ ...fault, venue: 'pythHermes' })
    const { quotes, ended } = await listen(lab, 1)
    expect(ended.reason).toBe(reason)
    expect(quotes).toEqual([])
  })

  it.each([
    ['falls silent', 'slow', 'timeout'],
    ['is closed by the server', 'down', 'unreachable'],
  ] as const)('ends when it %s in the middle', async (_, kind, reason) => {
    const lab = await startMarketLab()
    let heard = 0
    const ended = await open(lab, () => {
      heard += 1
      if (heard === 1) lab.standIn.faults.add({ venue: 'pythHermes', kind })
    })
    expect(heard).toBeGreaterThan(0)
    expect(ended.reason).toBe(reason)
  })

  it('never serves a bad price, and the other feed continues', async () => {
    const lab = await startMarketLab()
    lab.standIn.faults.add({ venue: 'pythHermes', kind: 'badPrice', asset: 'BTC', value: '-1' })
    const { quotes } = await listen(lab, 3)
    expect(quotes.map((quote) => quote.symbol)).toEqual(['Crypto.ETH/USD', 'Crypto.ETH/USD', 'Crypto.ETH/USD'])
  })
})

import { describe, expect, it } from 'vitest'
import { PriceGate } from '#core/market/gates/price-gate'
import type { LatestPriceAnswer } from '#core/market/venues/latest-price'
import type { VenueId } from '#core/market/venues/venue'
import type { FaultInput, VenuelessFault } from '#standins/market/faults'
import { labDeadlineMs, type MarketLab, startMarketLab } from '#tests/support/market-lab'

interface Subject {
  readonly venue: VenueId
  readonly server: FaultInput['venue']
  /** Two assets whose answers can be swapped. */
  readonly symbols: readonly [string, string]
  readonly assets: readonly [string, string]
  readonly unknown: string
}

const subjects: readonly Subject[] = [
  {
    venue: 'binanceSpot',
    server: 'binanceSpot',
    symbols: ['BTCUSDT', 'ETHUSDT'],
    assets: ['BTC', 'ETH'],
    unknown: 'NOUSDT',
  },
  { venue: 'hyperliquidSpot', server: 'hyperliquid', symbols: ['@107', 'BTC'], assets: ['HYPE', 'BTC'], unknown: '@9' },
  {
    venue: 'hyperliquidPerp',
    server: 'hyperliquid',
    symbols: ['xyz:GOLD', 'xyz:NVDA'],
    assets: ['XAU', 'NVDAX'],
    unknown: 'xyz:NONE',
  },
  {
    venue: 'pythHermes',
    server: 'pythHermes',
    symbols: ['Crypto.BTC/USD', 'Crypto.ETH/USD'],
    assets: ['BTC', 'ETH'],
    unknown: 'ab'.repeat(32),
  },
  {
    venue: 'coingecko',
    server: 'coingecko',
    symbols: ['bitcoin', 'ethereum'],
    assets: ['BTC', 'ETH'],
    unknown: 'nothing',
  },
]

describe.each(subjects)('the current price of $venue', ({ venue, server, symbols, assets, unknown }) => {
  const fetchIn = async (lab: MarketLab, asked: readonly string[] = symbols) => {
    const answers = await lab.venues.latest.get(venue)!.fetchLatest(asked)
    expect([...answers.keys()].sort(), 'every symbol asked for has an answer').toEqual([...asked].sort())
    return answers
  }
  const first = async (lab: MarketLab): Promise<LatestPriceAnswer> => (await fetchIn(lab)).get(symbols[0])!
  const breakIt = (lab: MarketLab, fault: VenuelessFault) =>
    lab.standIn.faults.add({ fromSeconds: lab.standIn.sinceStartSeconds(), ...fault, venue: server } as FaultInput)
  const reasonOf = (answer: LatestPriceAnswer) => (answer.ok ? `a price of ${answer.priceUsd}` : answer.reason)
  const judge = (gate: PriceGate, lab: MarketLab, answer: LatestPriceAnswer) => {
    if (!answer.ok) throw new Error(`no quote: ${answer.reason} ${answer.message}`)
    const verdict = gate.offer(assets[0], { venue, symbol: symbols[0] }, answer, lab.clock.nowMs())
    return verdict.accepted ? 'accepted' : verdict.reason
  }
  const readGate = (gate: PriceGate, lab: MarketLab) =>
    gate.read(assets[0], [{ venue, symbol: symbols[0] }], lab.clock.nowMs())

  it("is the market's, with the venue's own time", async () => {
    const lab = await startMarketLab()
    const answers = await fetchIn(lab)
    for (const [i, symbol] of symbols.entries()) {
      const answer = answers.get(symbol)!
      if (!answer.ok) throw new Error(answer.message)
      const truth = lab.market.priceAt(assets[i]!, lab.clock.nowMs())!
      expect(Math.abs(answer.priceUsd - truth)).toBeLessThan(1e-8)
      expect(answer).toMatchObject({ venue, symbol, publishedAtMs: lab.clock.nowMs() })
    }
  })

  it('of an unknown symbol is a named failure that leaves the others alone', async () => {
    const lab = await startMarketLab()
    const answers = await fetchIn(lab, [symbols[0], unknown])
    expect(answers.get(symbols[0])!.ok).toBe(true)
    expect(['unknownSymbol', 'noData']).toContain(reasonOf(answers.get(unknown)!))
  })

  it('a venue that is down is unreachable, and the last good price serves up to its age limit', async () => {
    const lab = await startMarketLab()
    const gate = new PriceGate()
    expect(judge(gate, lab, await first(lab))).toBe('accepted')
    breakIt(lab, { kind: 'down' })
    expect(reasonOf(await first(lab))).toBe('unreachable')
    await lab.clock.advance(60_000)
    expect(readGate(gate, lab)).toMatchObject({ ok: true, quality: 'lastGood', ageMs: 60_000 })
    await lab.clock.advance(1)
    expect(readGate(gate, lab)).toMatchObject({ ok: false, reason: 'unavailable' })
    await lab.standIn.stop()
    expect(reasonOf(await first(lab)), 'nobody listens').toBe('unreachable')
  })

  it('a venue that trickles is given up at the deadline', async () => {
    const lab = await startMarketLab()
    breakIt(lab, { kind: 'slow' })
    const startedAt = performance.now()
    expect(reasonOf(await first(lab))).toBe('timeout')
    // Hyperliquid may look at its candle once more after the mids.
    expect(performance.now() - startedAt).toBeLessThan(labDeadlineMs * 2 + 1_000)
  })

  it('refuses a price whose time does not advance once it is too old', async () => {
    const lab = await startMarketLab()
    const gate = new PriceGate()
    expect(judge(gate, lab, await first(lab))).toBe('accepted')
    breakIt(lab, { kind: 'stale' })
    await lab.clock.advance(62_000)
    expect(judge(gate, lab, await first(lab))).toBe('stale')
    expect(gate.refusalCounts()).toEqual([{ venue, asset: assets[0], reason: 'stale', count: 1 }])
  })

  it('a price from the future is refused', async () => {
    const lab = await startMarketLab()
    breakIt(lab, { kind: 'clockOff', offsetSeconds: 10 })
    expect(judge(new PriceGate(), lab, await first(lab))).toBe('future')
  })

  it.each([
    ['a web page', '<!doctype html><h1>It works</h1>', ['malformed']],
    ['nothing', '', ['malformed']],
    ['null', 'null', ['malformed', 'noData']],
    ['an empty object', '{}', ['malformed', 'noData', 'unknownSymbol']],
    ['an empty list', '[]', ['malformed', 'noData']],
    [
      'no feeds',
      '{"binary":{"encoding":"hex","data":[]},"parsed":[]}',
      ['malformed', 'noData', 'unknownSymbol', 'wrongFeed'],
    ],
    ['a cut JSON', '{"parsed":[{"id":"', ['malformed']],
    ['nesting without end', '['.repeat(100_000), ['malformed']],
  ])('%s is no price', async (_, body, reasons) => {
    const lab = await startMarketLab()
    breakIt(lab, { kind: 'garbage', body })
    expect(reasons).toContain(reasonOf(await first(lab)))
  })

  it.each([
    ['a body of 100 MB', { kind: 'hugeBody', megabytes: 100 }, 'tooLarge'],
    ['a redirect', { kind: 'redirect', location: '/clock' }, 'redirected'],
    ['half a body', { kind: 'halfBody' }, 'unreachable'],
  ] as const)('%s is refused', async (_, fault, reason) => {
    const lab = await startMarketLab()
    breakIt(lab, fault)
    expect(reasonOf(await first(lab))).toBe(reason)
  })

  it.each([0, -1, '-64012.37', 'NaN', 'Infinity', '1e400', 1e300, '', null])(
    '%j in place of the price never gets out',
    async (value) => {
      const lab = await startMarketLab()
      breakIt(lab, { kind: 'badPrice', asset: assets[0], value })
      const answers = await fetchIn(lab)
      expect(['invalidPrice', 'malformed']).toContain(reasonOf(answers.get(symbols[0])!))
    },
  )

  it('a jump is held until it was seen three times in a row', async () => {
    const lab = await startMarketLab()
    const gate = new PriceGate()
    expect(judge(gate, lab, await first(lab))).toBe('accepted')
    breakIt(lab, { kind: 'jump', asset: assets[0], factor: 1.3 })
    const verdicts: string[] = []
    for (let i = 0; i < 4; i += 1) {
      await lab.clock.advance(5_000)
      verdicts.push(judge(gate, lab, await first(lab)))
    }
    expect(verdicts).toEqual(['jumpHeld', 'jumpHeld', 'accepted', 'accepted'])
  })

  it.each([
    [{ kind: 'rateLimited', retryAfterSeconds: 7 }, 'rateLimited', 7_000],
    [{ kind: 'rateLimited', retryAfterSeconds: 3_600 }, 'rateLimited', 60_000],
    [{ kind: 'serverError' }, 'serverError', undefined],
    [{ kind: 'geoBlocked' }, 'geoBlocked', undefined],
    [{ kind: 'unauthorized' }, 'unauthorized', undefined],
  ] as const)('recognises %j, with the pause that it asks for', async (fault, reason, retryAfterMs) => {
    const lab = await startMarketLab()
    breakIt(lab, fault)
    const answer = await first(lab)
    expect(reasonOf(answer)).toBe(reason)
    expect(answer.ok ? undefined : answer.retryAfterMs).toBe(retryAfterMs)
  })

  it("swapped answers are refused by the feed's identity", async () => {
    const lab = await startMarketLab()
    breakIt(lab, { kind: 'swapped', assets: [...assets] })
    for (const symbol of symbols) {
      const alone = (await fetchIn(lab, [symbol])).get(symbol)!
      expect(reasonOf(alone), `${symbol} alone`).toBe('wrongFeed')
    }
    const both = await fetchIn(lab)
    for (const [i, symbol] of symbols.entries()) {
      const answer = both.get(symbol)!
      // Where answers carry their name, a swap within one call puts each back in its place.
      if (answer.ok) expect(answer.priceUsd).toBeCloseTo(lab.market.priceAt(assets[i]!, lab.clock.nowMs())!, 6)
      else expect(answer.reason).toBe('wrongFeed')
    }
  })
})

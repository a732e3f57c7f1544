import { describe, expect, it, onTestFinished } from 'vitest'
import { SplitMix64 } from '#core/base/random/rng'
import { TestClock } from '#tests/support/test-clock'
import { TestLogger } from '#tests/support/test-logger'
import { PriceGate } from '../gates/price-gate.ts'
import type { LatestPrice, LatestPriceAnswer, LatestPriceStream, PriceQuote } from '../venues/latest-price.ts'
import { createPriceRouter } from '../venues/router.ts'
import { type VenueFailure, type VenueId, venueFailure } from '../venues/venue.ts'
import { PriceBoard } from './price-board.ts'

/** A venue that answers what the test has put there, and remembers when it was asked for what. */
class FakeVenue implements LatestPrice {
  readonly venue: VenueId
  readonly asked: { readonly atMs: number; readonly symbols: readonly string[] }[] = []
  answer: number | VenueFailure | Error = 100
  readonly #clock: TestClock

  constructor(venue: VenueId, clock: TestClock) {
    this.venue = venue
    this.#clock = clock
  }

  async fetchLatest(symbols: readonly string[]): Promise<ReadonlyMap<string, LatestPriceAnswer>> {
    this.asked.push({ atMs: this.#clock.monotonicMs(), symbols })
    const { answer } = this
    if (answer instanceof Error) throw answer
    const publishedAtMs = this.#clock.nowMs()
    return new Map(
      symbols.map((symbol) => [
        symbol,
        typeof answer === 'number' ? { ok: true, venue: this.venue, symbol, priceUsd: answer, publishedAtMs } : answer,
      ]),
    )
  }
}

function aBoard(options: { streams?: LatestPriceStream[] } = {}) {
  const clock = new TestClock()
  const log = new TestLogger()
  const scored = new FakeVenue('binanceSpot', clock)
  const second = new FakeVenue('coingecko', clock)
  const router = createPriceRouter({
    scored: (asset) => ({ venue: 'binanceSpot', symbol: `${asset}USDT` }),
    fallbacks: { BTC: [{ venue: 'coingecko', symbol: 'bitcoin' }] },
  })
  const board = new PriceBoard(
    {
      latest: new Map<VenueId, LatestPrice>([
        ['binanceSpot', scored],
        ['coingecko', second],
      ]),
      streams: options.streams ?? [],
      router,
      gate: new PriceGate(),
      clock,
      rng: new SplitMix64(1n),
      log,
    },
    {
      assets: ['BTC', 'ETH'],
      pollMs: 5_000,
      pollMsByVenue: { coingecko: 10_000 },
      retry: { firstMs: 1_000, maxMs: 30_000 },
    },
  )
  onTestFinished(() => board.stop())
  return { clock, log, scored, second, board }
}

/** The first round of every loop has been made. */
async function start(board: PriceBoard, clock: TestClock): Promise<void> {
  board.start()
  await clock.advance(0)
}

describe('PriceBoard', () => {
  it('reads memory only, asks each venue once for all its symbols, and leaves fallbacks alone', async () => {
    const { clock, scored, second, board } = aBoard()
    expect(board.read('BTC'), 'nothing is made up before the first answer').toMatchObject({ ok: false })
    await start(board, clock)
    await clock.advance(30_000)
    expect(board.readAll()).toMatchObject([
      { ok: true, asset: 'BTC', priceUsd: 100, venue: 'binanceSpot', quality: 'live' },
      { ok: true, asset: 'ETH', priceUsd: 100 },
    ])
    expect(scored.asked.map(({ atMs }) => atMs)).toEqual([0, 5_000, 10_000, 15_000, 20_000, 25_000, 30_000])
    expect(new Set(scored.asked.map(({ symbols }) => symbols.join(' ')))).toEqual(new Set(['BTCUSDT ETHUSDT']))
    expect(second.asked.length, 'only before the first answer of the scored venue').toBeLessThanOrEqual(1)
  })

  it('uses the fallback while the scored venue is silent, then returns', async () => {
    const { clock, log, scored, second, board } = aBoard()
    await start(board, clock)
    await clock.advance(10_000)
    scored.answer = venueFailure('unreachable', 'refused')
    second.answer = 101
    await clock.advance(45_000)
    expect(board.read('BTC')).toMatchObject({ ok: true, venue: 'coingecko', priceUsd: 101, isFallback: true })
    expect(board.read('ETH'), 'no fallback: the last good one').toMatchObject({ ok: true, quality: 'lastGood' })
    await clock.advance(30_000)
    expect(board.read('ETH')).toMatchObject({ ok: false, reason: 'unavailable' })
    scored.answer = 102
    await clock.advance(35_000)
    expect(board.read('BTC')).toMatchObject({ ok: true, venue: 'binanceSpot', priceUsd: 102, isFallback: false })
    expect(log.events()).toEqual(
      expect.arrayContaining(['venue.failed', 'price.unavailable', 'venue.recovered', 'price.recovered']),
    )
    const warned = log.entries.filter(({ level }) => level === 'warn').map(({ event }) => event)
    expect(
      warned.filter((event) => event === 'venue.failed'),
      'one warning an outage',
    ).toHaveLength(1)
    expect(warned.filter((event) => event === 'price.unavailable')).toHaveLength(1)
  })

  it('backs off with jitter between one and thirty seconds, and longer when it is asked to', async () => {
    const { clock, scored, board } = aBoard()
    scored.answer = venueFailure('serverError', 'HTTP 503')
    await start(board, clock)
    await clock.advance(300_000)
    const pauses = scored.asked.slice(1).map(({ atMs }, i) => atMs - scored.asked[i]!.atMs)
    for (const [i, pause] of pauses.entries()) {
      const ceiling = Math.min(30_000, 1_000 * 2 ** i)
      expect(pause).toBeGreaterThanOrEqual(Math.max(1_000, ceiling / 2))
      expect(pause).toBeLessThanOrEqual(ceiling)
    }
    expect(new Set(pauses.slice(5)).size, 'not in step').toBeGreaterThan(1)
    scored.answer = venueFailure('rateLimited', 'HTTP 429', 60_000)
    await clock.advance(30_000)
    const asked = scored.asked.length
    await clock.advance(59_000)
    expect(scored.asked.length - asked).toBeLessThanOrEqual(1)
  })

  it('continues after a bug in one venue and reports it; the others are not affected', async () => {
    const { clock, log, scored, second, board } = aBoard()
    scored.answer = new TypeError('boom')
    await start(board, clock)
    await clock.advance(60_000)
    expect(board.read('BTC')).toMatchObject({ ok: true, venue: 'coingecko' })
    expect(log.events()).toContain('price.poll_crashed')
    expect(board.venues()).toMatchObject([
      { venue: 'binanceSpot', via: 'poll', lastFailure: 'malformed' },
      { venue: 'coingecko', failuresInRow: 0, lastFailure: undefined },
    ])
    expect(second.asked.length).toBeGreaterThan(3)
  })

  it('counts what the gate refused', async () => {
    const { clock, scored, board } = aBoard()
    await start(board, clock)
    await clock.advance(5_000)
    scored.answer = 1_000
    await clock.advance(5_000)
    expect(board.refusalCounts()).toEqual([
      { venue: 'binanceSpot', asset: 'BTC', reason: 'jumpHeld', count: 1 },
      { venue: 'binanceSpot', asset: 'ETH', reason: 'jumpHeld', count: 1 },
    ])
  })

  it('takes what a stream pushes between two readings, and opens a closed stream again', async () => {
    let opened = 0
    let push: ((quote: PriceQuote) => void) | undefined
    let close: (() => void) | undefined
    const stream: LatestPriceStream = {
      venue: 'coingecko',
      run: (symbols, onQuote) => {
        expect(symbols).toEqual(['bitcoin'])
        opened += 1
        push = onQuote
        return new Promise((resolve) => {
          close = () => resolve(venueFailure('unreachable', 'closed'))
        })
      },
    }
    const { clock, scored, second, board } = aBoard({ streams: [stream] })
    scored.answer = venueFailure('unreachable', 'refused')
    second.answer = venueFailure('unreachable', 'refused')
    await start(board, clock)
    await clock.advance(1)
    const quote = { ok: true, venue: 'coingecko', symbol: 'bitcoin', priceUsd: 99 } as const
    push!({ ...quote, publishedAtMs: clock.nowMs() })
    expect(board.read('BTC')).toMatchObject({ ok: true, priceUsd: 99, venue: 'coingecko' })
    close!()
    await clock.advance(0)
    await clock.advance(1_000)
    expect(opened).toBe(2)
    close!()
  })

  it('stops while a venue is being asked', async () => {
    const { clock, board } = aBoard()
    await start(board, clock)
    await clock.advance(2_500)
    await board.stop()
    expect(board.read('BTC')).toMatchObject({ ok: true })
  })
})

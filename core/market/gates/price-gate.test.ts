import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PriceQuote } from '../venues/latest-price.ts'
import { defaultPriceLimits, PriceGate } from './price-gate.ts'

const scored = { venue: 'binanceSpot', symbol: 'BTCUSDT' } as const
const fallback = { venue: 'hyperliquidPerp', symbol: 'BTC' } as const
const nowMs = Date.UTC(2026, 8, 22, 12)

function aQuote(change: Partial<PriceQuote> = {}): PriceQuote {
  return { ok: true, ...scored, priceUsd: 60_000, publishedAtMs: nowMs, ...change }
}

function verdictOf(gate: PriceGate, quote: PriceQuote, atMs = nowMs, series: typeof scored | typeof fallback = scored) {
  const verdict = gate.offer('BTC', series, quote, atMs)
  return verdict.accepted ? 'accepted' : verdict.reason
}

describe('PriceGate', () => {
  it.each([
    ['older than its limit', { publishedAtMs: nowMs - 60_001 }, 'stale'],
    ['just young enough', { publishedAtMs: nowMs - 60_000 }, 'accepted'],
    ['from the future', { publishedAtMs: nowMs + 5_001 }, 'future'],
    ['a little ahead, as clocks are', { publishedAtMs: nowMs + 5_000 }, 'accepted'],
    ['without a time', { publishedAtMs: Number.NaN }, 'stale'],
    ['not a number', { priceUsd: Number.NaN }, 'nonFinite'],
    ['infinite', { priceUsd: Number.POSITIVE_INFINITY }, 'nonFinite'],
    ['zero', { priceUsd: 0 }, 'nonPositive'],
    ['negative', { priceUsd: -1 }, 'nonPositive'],
    ['too uncertain', { confidenceUsd: 600.01 }, 'uncertain'],
    ['as certain as it must be', { confidenceUsd: 600 }, 'accepted'],
    ['with a confidence that is none', { confidenceUsd: Number.NaN }, 'uncertain'],
    ['of another symbol', { symbol: 'ETHUSDT' }, 'wrongFeed'],
    ['of another venue', { venue: 'coingecko' }, 'wrongFeed'],
  ] as const)('judges a price that is %s', (_, change, expected) => {
    const gate = new PriceGate()
    expect(verdictOf(gate, aQuote(change))).toBe(expected)
    expect(gate.refusalCounts().map(({ reason, count }) => `${reason} ${count}`)).toEqual(
      expected === 'accepted' ? [] : [`${expected} 1`],
    )
  })

  it('refuses a price that is older than the last one', () => {
    const gate = new PriceGate()
    expect(verdictOf(gate, aQuote())).toBe('accepted')
    expect(verdictOf(gate, aQuote({ publishedAtMs: nowMs - 1_000 }))).toBe('outOfOrder')
  })

  it('counts a bad print once, however often it is read', () => {
    const gate = new PriceGate()
    verdictOf(gate, aQuote())
    const bad = aQuote({ priceUsd: 90_000, publishedAtMs: nowMs + 1_000 })
    for (let i = 0; i < 10; i += 1) expect(verdictOf(gate, bad, nowMs + 1_000)).toBe('jumpHeld')
    expect(gate.read('BTC', [scored], nowMs + 1_000)).toMatchObject({ priceUsd: 60_000 })
  })

  it('forgets a jump that an ordinary price interrupts', () => {
    const gate = new PriceGate()
    const prices = [60_000, 90_000, 90_100, 60_100, 90_000, 90_100, 90_200]
    const verdicts = prices.map((priceUsd, i) =>
      verdictOf(gate, aQuote({ priceUsd, publishedAtMs: nowMs + i }), nowMs + i),
    )
    expect(verdicts).toEqual(['accepted', 'jumpHeld', 'jumpHeld', 'accepted', 'jumpHeld', 'jumpHeld', 'accepted'])
  })

  it('measures the first price of a run against what was known before, which itself is never served', () => {
    const gate = new PriceGate()
    gate.seedReference('BTC', 30_000)
    expect(gate.read('BTC', [scored], nowMs)).toMatchObject({ ok: false, reason: 'unavailable' })
    expect(verdictOf(gate, aQuote())).toBe('jumpHeld')
    expect(gate.read('BTC', [scored], nowMs)).toMatchObject({ ok: false, lastRefusal: 'jumpHeld' })
  })

  it('serves the scored series while it is fresh, then the younger fallback, then the last good one, then nothing', () => {
    const gate = new PriceGate()
    const serving = [scored, fallback]
    verdictOf(gate, aQuote())
    verdictOf(gate, aQuote({ ...fallback, priceUsd: 60_010, publishedAtMs: nowMs + 10_000 }), nowMs + 10_000, fallback)
    const readAt = (afterMs: number) => gate.read('BTC', serving, nowMs + afterMs)
    expect(readAt(15_000)).toMatchObject({ venue: 'binanceSpot', quality: 'live', isFallback: false, ageMs: 15_000 })
    expect(readAt(16_000)).toMatchObject({ venue: 'hyperliquidPerp', quality: 'live', isFallback: true, ageMs: 6_000 })
    expect(readAt(70_000)).toMatchObject({ priceUsd: 60_010, quality: 'lastGood', isFallback: true, ageMs: 60_000 })
    expect(readAt(70_001)).toEqual({
      ok: false,
      asset: 'BTC',
      reason: 'unavailable',
      lastPublishedAtMs: nowMs + 10_000,
      lastRefusal: undefined,
    })
    expect(gate.read('BTC', [scored], nowMs + 16_000), 'only the series that are asked for').toMatchObject({
      venue: 'binanceSpot',
      quality: 'lastGood',
    })
  })

  it('never serves anything but a price that was offered, finite, positive and young enough', () => {
    const offer = fc.record({
      priceUsd: fc.oneof(fc.double(), fc.constantFrom(0, -1, 60_000, 61_000, 90_000, 1e9)),
      publishedAtMs: fc.integer({ min: nowMs - 120_000, max: nowMs + 60_000 }),
      confidenceUsd: fc.oneof(fc.double(), fc.constant(1)),
      afterMs: fc.integer({ min: 0, max: 40_000 }),
    })
    fc.assert(
      fc.property(fc.array(offer, { maxLength: 40 }), (offers) => {
        const gate = new PriceGate()
        let atMs = nowMs
        for (const { afterMs, ...change } of offers) {
          atMs += afterMs
          gate.offer('BTC', scored, aQuote(change), atMs)
          const reading = gate.read('BTC', [scored], atMs)
          if (!reading.ok) continue
          expect(offers.map((known) => known.priceUsd)).toContain(reading.priceUsd)
          expect(reading.priceUsd > 0 && Number.isFinite(reading.priceUsd)).toBe(true)
          expect(atMs - reading.publishedAtMs).toBeLessThanOrEqual(defaultPriceLimits.maxAgeMs)
        }
      }),
    )
  })
})

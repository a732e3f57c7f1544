import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { openDatabase } from '#adapters/sqlite/database'
import { SqliteMinuteStore } from '#adapters/sqlite/minute-store'
import { dayMs, minuteMs } from '#core/base/time/units'
import { cutByKind } from '#core/market/minutes/coverage'
import type { MinuteSeries } from '#core/market/minutes/minute-store'
import { SyntheticMarket } from '#standins/market/synthetic/synthetic-market'
import { FakeMinuteVenue } from '#tests/support/fake-minute-venue'
import { TestClock } from '#tests/support/test-clock'
import { TestLogger } from '#tests/support/test-logger'
import { MinuteRecorder } from './minute-recorder.ts'

const market = new SyntheticMarket({ seed: 5n, originMs: Date.UTC(2026, 8, 10) })
const startMs = Date.UTC(2026, 8, 18, 23, 30, 4)
// Liveliest and sleepiest series of one venue, so that gaps, witnesses and the level gate all have work.
const assets: Readonly<Record<string, string>> = { 'xyz:GOLD': 'XAU', 'xyz:AAPL': 'AAPLX', 'xyz:SPCX': 'SPCX' }
const seriesOf = (symbol: string): MinuteSeries => ({ asset: assets[symbol]!, venue: 'hyperliquidPerp', symbol })
const symbolOf = (asset: string) => Object.keys(assets).find((symbol) => assets[symbol] === asset)!

const trouble = fc.record({
  kind: fc.constantFrom('fine', 'down', 'limited', 'stale', 'swapped', 'oneBroken', 'killed', 'asleep'),
  minutes: fc.integer({ min: 1, max: 40 }),
})

it('ends up with every minute of the source, or a declared gap where it has none, whatever happened in between', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(trouble, { minLength: 1, maxLength: 12 }), async (troubles) => {
      const clock = new TestClock(startMs)
      const db = openDatabase({
        path: ':memory:',
        migrationsDir: join(import.meta.dirname, '..', '..', 'migrations'),
        clock,
      })
      const store = new SqliteMinuteStore(db, clock)
      const venue = new FakeMinuteVenue({
        venue: 'hyperliquidPerp',
        clock,
        feed: market,
        assets,
        remembersMinutes: 5_000,
      })
      const make = () =>
        new MinuteRecorder(
          {
            store,
            histories: new Map([['hyperliquidPerp', venue]]),
            sources: (asset) => seriesOf(symbolOf(asset)),
            clock,
            log: new TestLogger(),
          },
          { assets: Object.values(assets), fillDays: 1 },
        )
      let recorder = make()
      const ticks = async (count: number) => {
        for (let i = 0; i < count; i += 1) {
          await clock.advance(minuteMs)
          await recorder.tick(clock.nowMs())
        }
      }
      await ticks(2)
      for (const { kind, minutes } of [...troubles, { kind: 'fine', minutes: 8 } as const]) {
        venue.failure = kind === 'down' ? 'unreachable' : kind === 'limited' ? 'rateLimited' : undefined
        venue.frozenAtMs = kind === 'stale' ? clock.nowMs() + 20_000 : undefined
        venue.swapped.clear()
        if (kind === 'swapped') venue.swapped.set('xyz:GOLD', 'xyz:AAPL').set('xyz:AAPL', 'xyz:GOLD')
        venue.failureOf.clear()
        if (kind === 'oneBroken') venue.failureOf.set('xyz:GOLD', 'malformed')
        if (kind === 'killed') recorder = make()
        if (kind === 'asleep') await clock.advance(minutes * minuteMs)
        else await ticks(minutes)
      }
      const fromMs = Math.floor((startMs - dayMs) / minuteMs) * minuteMs + minuteMs
      for (const symbol of Object.keys(assets)) {
        const series = seriesOf(symbol)
        const newestMs = store.lastClose(series, fromMs, clock.nowMs())!.openAtMs
        // The quietest of the three may have had no trade for a while, but not for an hour.
        expect((clock.nowMs() - newestMs) / minuteMs).toBeLessThan(60)
        const slots = store.readSlots(series, fromMs, newestMs)
        expect(cutByKind(slots, fromMs).filter((span) => span.kind === 'unknown')).toEqual([])
        const truth = Float64Array.from(
          slots,
          (_, i) => market.minuteClose(assets[symbol]!, fromMs + i * minuteMs) ?? Number.NaN,
        )
        expect(slots).toEqual(truth)
      }
      db.close()
    }),
    { numRuns: 40 },
  )
}, 60_000)

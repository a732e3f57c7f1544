import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openDatabase } from '#adapters/sqlite/database'
import { SqliteMinuteStore } from '#adapters/sqlite/minute-store'
import { StoreError } from '#core/base/errors/app-error'
import type { Clock } from '#core/base/time/clock'
import { dayMs, minuteMs } from '#core/base/time/units'
import { describeCoverage, minutesIn } from '#core/market/minutes/coverage'
import type { MinuteSeries, MinuteStore } from '#core/market/minutes/minute-store'
import type { PriceSourceLookup } from '#core/market/venues/price-sources'
import { SyntheticMarket } from '#standins/market/synthetic/synthetic-market'
import { FakeMinuteVenue } from '#tests/support/fake-minute-venue'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { TestClock } from '#tests/support/test-clock'
import { TestLogger } from '#tests/support/test-logger'
import { type MinuteListener, MinuteRecorder } from './minute-recorder.ts'
import { startMinuteRecorder } from './start-minute-recorder.ts'

const market = new SyntheticMarket({ seed: 3n, originMs: Date.UTC(2026, 8, 1) })
const startMs = Date.UTC(2026, 8, 15, 12, 0, 4)
const series = {
  BTC: { asset: 'BTC', venue: 'binanceSpot', symbol: 'BTCUSDT' },
  ETH: { asset: 'ETH', venue: 'binanceSpot', symbol: 'ETHUSDT' },
  AAPLX: { asset: 'AAPLX', venue: 'hyperliquidPerp', symbol: 'xyz:AAPL' },
} as const satisfies Record<string, MinuteSeries>
type Asset = keyof typeof series

function aRecorder(options: { assets?: readonly Asset[]; fillDays?: number } = {}) {
  const clock = new TestClock(startMs)
  const path = join(temporaryFolder(), 'minutes.sqlite')
  const db = openDatabase({ path, migrationsDir: join(import.meta.dirname, '..', '..', 'migrations'), clock })
  onTestFinished(() => void db.close())
  const store = new SqliteMinuteStore(db, clock)
  const log = new TestLogger()
  const binance = new FakeMinuteVenue({
    venue: 'binanceSpot',
    clock,
    feed: market,
    assets: { BTCUSDT: 'BTC', ETHUSDT: 'ETH' },
  })
  const hyperliquid = new FakeMinuteVenue({
    venue: 'hyperliquidPerp',
    clock,
    feed: market,
    assets: { 'xyz:AAPL': 'AAPLX' },
    remembersMinutes: 5_000,
  })
  const histories = new Map([
    [binance.venue, binance],
    [hyperliquid.venue, hyperliquid],
  ])
  const sources: PriceSourceLookup = (asset) => series[asset as Asset]
  const deps = { store: store as MinuteStore, histories, sources, clock, log }
  const settings = { assets: options.assets ?? (['BTC', 'ETH', 'AAPLX'] as const), fillDays: options.fillDays ?? 2 }
  const recorder = new MinuteRecorder(deps, settings)
  const tick = async (target = recorder) => {
    await clock.advance(minuteMs)
    return target.tick(clock.nowMs())
  }
  const ticks = async (count: number) => {
    for (let i = 0; i < count; i += 1) await tick()
  }
  return { clock, db, store, log, binance, hyperliquid, deps, settings, recorder, tick, ticks }
}

/** Compares what is stored with the market and says how many minutes are of which kind. */
function check(store: MinuteStore, asset: Asset, fromMs: number, toMs: number) {
  const first = Math.ceil(fromMs / minuteMs) * minuteMs
  const slots = store.readSlots(series[asset], first, toMs)
  let wrong = 0
  for (const [i, slot] of slots.entries()) {
    const truth = market.minuteClose(asset, first + i * minuteMs)
    if (slot > 0 ? slot !== truth : slot !== 0 && truth !== undefined) wrong += 1
  }
  const { closes, gaps, unknown } = describeCoverage(slots, first)
  return { wrong, closes, gaps, unknown }
}

const quiet = (asset: Asset, fromMs: number, toMs: number) => {
  let count = 0
  for (let atMs = Math.ceil(fromMs / minuteMs) * minuteMs; atMs <= toMs; atMs += minuteMs) {
    if (market.minuteClose(asset, atMs) === undefined) count += 1
  }
  return count
}

describe('MinuteRecorder', () => {
  it('fills the last days at its first start and then writes each minute once it is settled', async () => {
    const { clock, store, recorder, tick, ticks } = aRecorder()
    await recorder.tick(clock.nowMs())
    await ticks(30)
    const newestMs = Math.floor(clock.nowMs() / minuteMs) * minuteMs - minuteMs
    for (const asset of ['BTC', 'ETH'] as const) {
      expect(check(store, asset, startMs - 2 * dayMs, newestMs)).toEqual({
        wrong: 0,
        closes: 2_909,
        gaps: 0,
        unknown: 0,
      })
      expect(store.readSlots(series[asset], newestMs + minuteMs, newestMs + minuteMs)[0]).toBe(0)
    }
    await tick()
    expect(store.lastClose(series.BTC, startMs, clock.nowMs())?.openAtMs).toBe(newestMs + minuteMs)
    expect(store.listRanges(series.BTC).map((range) => range.origin)).toEqual(['backfilled', 'recorded'])
  })
  it('declares a minute without a candle a gap only when a later candle has come', async () => {
    const { clock, store, recorder, ticks } = aRecorder({ assets: ['AAPLX'] })
    await recorder.tick(clock.nowMs())
    await ticks(120)
    const newestMs = store.lastClose(series.AAPLX, startMs, clock.nowMs())!.openAtMs
    const found = check(store, 'AAPLX', startMs - 2 * dayMs, newestMs)
    expect(found).toMatchObject({ wrong: 0, unknown: 0, gaps: quiet('AAPLX', startMs - 2 * dayMs, newestMs) })
    expect(found.gaps).toBeGreaterThan(50)
    expect(check(store, 'AAPLX', newestMs + minuteMs, clock.nowMs()).gaps).toBe(0)
  })
  it('makes up for an outage of the venue, and leaves the others alone meanwhile', async () => {
    const { clock, store, binance, hyperliquid, recorder, ticks, log } = aRecorder()
    await recorder.tick(clock.nowMs())
    await ticks(3)
    binance.failure = 'timeout'
    const before = binance.requests.length
    await ticks(180)
    expect(binance.requests.length - before).toBeLessThan(45)
    expect(log.entries.filter((entry) => entry.event === 'minutes.ask_refused' && entry.level === 'warn')).toHaveLength(
      1,
    )
    expect(recorder.health()).toMatchObject({
      state: 'degraded',
      sentence: 'No minutes of BTC, ETH for more than 10 minutes.',
    })
    expect(hyperliquid.requests.length).toBeGreaterThan(180)
    binance.failure = undefined
    await ticks(6)
    const newestMs = Math.floor(clock.nowMs() / minuteMs) * minuteMs - minuteMs
    for (const asset of ['BTC', 'ETH'] as const) {
      expect(check(store, asset, startMs - 2 * dayMs, newestMs)).toMatchObject({ wrong: 0, gaps: 0, unknown: 0 })
    }
    expect(recorder.health()).toEqual({ state: 'ok', sentence: 'Recording 3 series.' })
  })
  it('is not ok while a venue has not answered at all, and says why', async () => {
    const { recorder, binance, ticks } = aRecorder()
    expect(recorder.health()).toMatchObject({ state: 'degraded', sentence: 'No venue has been asked yet.' })
    binance.failure = 'timeout'
    await ticks(1)
    expect(recorder.health()).toMatchObject({
      state: 'degraded',
      sentence: '2 of 3 series have not answered yet.',
      hint: expect.stringContaining('binanceSpot: timeout.'),
    })
    binance.failure = undefined
    await ticks(3)
    expect(recorder.health()).toEqual({ state: 'ok', sentence: 'Recording 3 series.' })
  })
  it('says what is lost when it was away longer than the venue remembers, and keeps it unknown', async () => {
    const { clock, store, recorder, deps, settings, tick, log } = aRecorder({ assets: ['AAPLX'], fillDays: 10 })
    await recorder.tick(clock.nowMs())
    await tick()
    const lastMs = store.lastClose(series.AAPLX, startMs - dayMs, clock.nowMs())!.openAtMs
    await clock.advance(5 * dayMs)
    const restarted = new MinuteRecorder(deps, settings)
    for (let i = 0; i < 8; i += 1) await tick(restarted)
    const reachMs = clock.nowMs() - 8 * minuteMs - 5_000 * minuteMs
    const lost = check(store, 'AAPLX', lastMs + minuteMs, reachMs - 20 * minuteMs)
    expect(lost).toMatchObject({ closes: 0, gaps: 0 })
    expect(check(store, 'AAPLX', reachMs + 20 * minuteMs, clock.nowMs() - 20 * minuteMs)).toMatchObject({
      wrong: 0,
      unknown: 0,
    })
    const minutes = log.entries
      .filter((entry) => entry.event === 'minutes.lost')
      .reduce((sum, entry) => sum + Number(entry['minutes']), 0)
    expect(Math.abs(minutes - lost.unknown)).toBeLessThan(40)
    expect(log.events()).toContain('minutes.out_of_reach')
  })
  it('continues at the last commit after a restart, without asking for stored minutes', async () => {
    const { clock, binance, recorder, deps, settings, ticks } = aRecorder({ assets: ['BTC'] })
    await recorder.tick(clock.nowMs())
    await ticks(5)
    binance.requests.length = 0
    await clock.advance(10 * minuteMs)
    await new MinuteRecorder(deps, settings).tick(clock.nowMs())
    expect(binance.requests.map(minutesIn)).toEqual([11]) // the ten missed, and the running one as their witness
  })
  it('believes no stale answer: minutes after the standstill stay unknown until real candles come', async () => {
    const { clock, store, hyperliquid, recorder, ticks } = aRecorder({ assets: ['AAPLX'] })
    await recorder.tick(clock.nowMs())
    hyperliquid.frozenAtMs = clock.nowMs() + 30_000
    await ticks(200)
    expect(check(store, 'AAPLX', startMs, clock.nowMs()).wrong).toBe(0)
    expect(check(store, 'AAPLX', startMs + 2 * minuteMs, clock.nowMs())).toMatchObject({ closes: 0, gaps: 0 })
    hyperliquid.frozenAtMs = undefined
    await ticks(30)
    const newestMs = store.lastClose(series.AAPLX, startMs, clock.nowMs())!.openAtMs
    expect(check(store, 'AAPLX', startMs - 2 * dayMs, newestMs)).toMatchObject({ wrong: 0, unknown: 0 })
  })
  it('stores nothing of a series that answers with the prices of another, for as long as that lasts', async () => {
    const { clock, store, binance, recorder, ticks, log } = aRecorder({ assets: ['BTC', 'ETH'] })
    await recorder.tick(clock.nowMs())
    await ticks(2)
    binance.swapped.set('BTCUSDT', 'ETHUSDT').set('ETHUSDT', 'BTCUSDT')
    await ticks(90)
    binance.swapped.clear()
    await ticks(3)
    const newestMs = Math.floor(clock.nowMs() / minuteMs) * minuteMs - minuteMs
    for (const asset of ['BTC', 'ETH'] as const) {
      expect(check(store, asset, startMs - 2 * dayMs, newestMs)).toMatchObject({ wrong: 0, unknown: 0 })
    }
    expect(log.entries.find((entry) => entry.event === 'minutes.ask_refused')?.['reason']).toBe('looksLikeAnother')
  })
  it('lets one broken series rest and records the others of its venue', async () => {
    const { clock, store, binance, recorder, ticks } = aRecorder({ assets: ['BTC', 'ETH'] })
    binance.failureOf.set('BTCUSDT', 'unknownSymbol')
    await recorder.tick(clock.nowMs())
    await ticks(30)
    expect(binance.requests.filter((range) => range.symbol === 'BTCUSDT').length).toBeLessThan(12)
    expect(check(store, 'ETH', startMs, clock.nowMs() - 2 * minuteMs)).toMatchObject({ wrong: 0, unknown: 0 })
    expect(recorder.status().find((status) => status.asset === 'BTC')?.lastFailure).toMatch(
      /^binanceSpot: unknownSymbol/,
    )
  })
  it('says once that an asset of the configuration is scored nowhere', async () => {
    const { deps, log, clock } = aRecorder()
    const recorder = new MinuteRecorder(deps, { assets: ['BTC', 'DOGE'], fillDays: 1 })
    await recorder.tick(clock.nowMs())
    await recorder.tick(clock.nowMs())
    expect(log.entries.filter((entry) => entry.event === 'minutes.asset_unscored')).toMatchObject([{ asset: 'DOGE' }])
  })
  it('tells its listener of a series once its minutes are stored, and of the end of each round', async () => {
    const { clock, store, binance, deps, settings } = aRecorder({ assets: ['BTC', 'ETH'] })
    const told: string[] = []
    const listener: MinuteListener = {
      minutesStored: (which) => {
        const isStored = store.lastClose(which, startMs - dayMs, clock.nowMs()) !== undefined
        told.push(`${which.asset} ${isStored ? 'stored' : 'missing'}`)
      },
      roundDone: () => void told.push('round'),
    }
    binance.failureOf.set('ETHUSDT', 'unknownSymbol')
    const recorder = new MinuteRecorder({ ...deps, listener }, { ...settings, fillDays: 1 })
    await recorder.tick(clock.nowMs())
    expect(told).toEqual(['BTC stored', 'round'])
    binance.failure = 'timeout'
    await clock.advance(minuteMs)
    await recorder.tick(clock.nowMs())
    expect(told).toEqual(['BTC stored', 'round', 'round'])
  })
  it('drops a tick that comes while the last one runs', async () => {
    const { clock, binance, recorder } = aRecorder({ assets: ['BTC'] })
    let release = () => {}
    binance.onRequest = () => new Promise<void>((resolve) => (release = resolve))
    const first = recorder.tick(clock.nowMs())
    expect(await recorder.tick(clock.nowMs())).toBe('dropped')
    binance.onRequest = async () => {}
    release()
    expect(await first).toBe('done')
  })
  it('records the new series from the moment the rules name it', async () => {
    const { clock, deps, settings, store } = aRecorder({ assets: ['BTC'] })
    const switchAtMs = startMs + 5 * minuteMs
    const sources: PriceSourceLookup = (_asset, atMs) =>
      atMs < switchAtMs ? series.BTC : { venue: 'binanceSpot', symbol: 'ETHUSDT' }
    const recorder = new MinuteRecorder({ ...deps, sources }, settings)
    for (let i = 0; i < 10; i += 1) {
      await clock.advance(minuteMs)
      await recorder.tick(clock.nowMs())
    }
    expect(store.listSeries().map(({ asset, symbol }) => `${asset} ${symbol}`)).toEqual(['BTC BTCUSDT', 'BTC ETHUSDT'])
    expect(recorder.status().map((status) => status.symbol)).toEqual(['ETHUSDT'])
  })
})

describe('a wall clock that jumps', () => {
  it.each([2 * dayMs, -365 * dayMs])('by %d ms for an hour stops no minute once it is right again', async (jumpMs) => {
    const { clock, store, deps, settings } = aRecorder({ assets: ['BTC', 'AAPLX'] })
    let offsetMs = 0
    const wall: Clock = {
      nowMs: () => clock.nowMs() + offsetMs,
      monotonicMs: () => clock.monotonicMs(),
      sleep: (durationMs, signal) => clock.sleep(durationMs, signal),
    }
    const recorder = new MinuteRecorder({ ...deps, clock: wall }, settings)
    const ticks = async (count: number) => {
      for (let i = 0; i < count; i += 1) {
        await clock.advance(minuteMs)
        await recorder.tick(wall.nowMs())
      }
    }
    await ticks(5)
    offsetMs = jumpMs
    await ticks(60)
    offsetMs = 0
    await ticks(6)
    for (const asset of ['BTC', 'AAPLX'] as const) {
      const newest = Math.floor(clock.nowMs() / minuteMs) * minuteMs - minuteMs
      const { wrong, unknown } = check(store, asset, newest - 100 * minuteMs, newest)
      expect({ asset, wrong, unknown }).toEqual({ asset, wrong: 0, unknown: 0 })
    }
    expect(recorder.health()).toMatchObject({ state: 'ok' })
  })
})

describe('startMinuteRecorder', () => {
  it('ticks at once, then four seconds after each full minute, until it is stopped', async () => {
    const { clock, binance, deps, settings } = aRecorder({ assets: ['BTC'] })
    const askedAt: number[] = []
    binance.onRequest = async () => void askedAt.push((clock.nowMs() - startMs) / 1_000)
    const running = startMinuteRecorder(deps, { ...settings, fillDays: 1 })
    await clock.advance(30_000)
    await clock.advance(3 * minuteMs)
    expect(askedAt).toEqual([0, 60, 120, 180])
    await running.stop()
    await clock.advance(5 * minuteMs)
    expect(askedAt).toHaveLength(4)
  })
  it('continues when the store fails, and catches up later', async () => {
    const { clock, store, deps, settings, log } = aRecorder({ assets: ['BTC'] })
    let isFull = true
    const failing: MinuteStore = {
      ...boundTo(store),
      write: (writes) => {
        if (isFull)
          throw new StoreError('MINUTES_STORE_FAILED', 'The minutes were not stored: database or disk is full.')
        return store.write(writes)
      },
    }
    const running = startMinuteRecorder({ ...deps, store: failing }, settings)
    await clock.advance(1_000)
    await clock.advance(10 * minuteMs)
    expect(log.events().filter((event) => event === 'minutes.tick_failed').length).toBeGreaterThan(5)
    expect(store.listSeries()).toEqual([])
    isFull = false
    await clock.advance(3 * minuteMs)
    await running.stop()
    expect(check(store, 'BTC', startMs - 2 * dayMs, clock.nowMs() - 2 * minuteMs)).toMatchObject({
      wrong: 0,
      unknown: 0,
    })
  })
  it('ends with the error when it meets a bug', async () => {
    const { deps, settings } = aRecorder({ assets: ['BTC'] })
    const sources = () => {
      throw new TypeError('a bug')
    }
    await expect(startMinuteRecorder({ ...deps, sources }, settings).finished).rejects.toThrow('a bug')
  })
})

function boundTo(store: MinuteStore): MinuteStore {
  return {
    write: (writes) => store.write(writes),
    readSlots: (...range) => store.readSlots(...range),
    readCloses: (...range) => store.readCloses(...range),
    readCandles: (...range) => store.readCandles(...range),
    firstClose: (...range) => store.firstClose(...range),
    lastClose: (...range) => store.lastClose(...range),
    listSeries: () => store.listSeries(),
    listRanges: (which) => store.listRanges(which),
  }
}

import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { minuteMs } from '#core/base/time/units'
import { MinuteBatch } from '#core/market/minutes/minute-batch'
import type { MinuteSeries } from '#core/market/minutes/minute-store'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { TestClock } from '#tests/support/test-clock'
import { openDatabase } from './database.ts'
import { SqliteMinuteStore } from './minute-store.ts'

const btc: MinuteSeries = { asset: 'BTC', venue: 'binanceSpot', symbol: 'BTCUSDT' }
const gold: MinuteSeries = { asset: 'XAU', venue: 'hyperliquidPerp', symbol: 'xyz:GOLD' }
const t0 = Date.UTC(2026, 8, 22, 23, 50)
const at = (minute: number) => t0 + minute * minuteMs

function aStore(path = join(temporaryFolder(), 'minutes.sqlite')) {
  const clock = new TestClock()
  const db = openDatabase({ path, migrationsDir: join(import.meta.dirname, '..', '..', 'migrations'), clock })
  onTestFinished(() => void db.close())
  return { store: new SqliteMinuteStore(db, clock), db, clock, path }
}

/** Closes by minute; NaN declares a gap. */
function aBatch(closes: Readonly<Record<number, number>>): MinuteBatch {
  const batch = new MinuteBatch()
  for (const [minute, close] of Object.entries(closes)) {
    if (Number.isNaN(close)) batch.declareGap(at(Number(minute)))
    else batch.setClose(at(Number(minute)), close)
  }
  return batch
}

describe('SqliteMinuteStore', () => {
  it('gives every close back bit for bit, across midnight and after reopening', () => {
    const { store, db, path } = aStore()
    const closes = { 0: 0.1 + 0.2, 9: 5e-324, 10: Number.MAX_VALUE, 1450: 116_400.123456789 }
    store.write([{ series: btc, batch: aBatch(closes), origin: 'recorded' }])
    db.close()
    const slots = aStore(path).store.readSlots(btc, at(0), at(1_450))
    expect(slots.length).toBe(1_451)
    for (const [minute, close] of Object.entries(closes)) expect(Object.is(slots[Number(minute)], close)).toBe(true)
    expect(slots.filter((slot) => slot !== 0).length).toBe(4)
  })
  it('tells a declared gap from an unknown minute, also after reopening', () => {
    const { store, path } = aStore()
    store.write([{ series: btc, batch: aBatch({ 0: 1, 1: Number.NaN, 3: 2 }), origin: 'recorded' }])
    expect([...aStore(path).store.readSlots(btc, at(-1), at(4))]).toEqual([0, 1, Number.NaN, 0, 2, 0])
    expect([...store.readCloses(btc, at(-1), at(4))]).toEqual([Number.NaN, 1, Number.NaN, Number.NaN, 2, Number.NaN])
  })
  describe('candles', () => {
    const nan = Number.NaN
    const candled = (closes: Readonly<Record<number, number>>, factor = 1) => {
      const batch = aBatch(closes)
      for (const [minute, close] of Object.entries(closes)) {
        const [open, high, low] = [close * 0.999, close * 1.002 * factor, close * 0.998]
        batch.addCandle({ openAtMs: at(Number(minute)), open, high, low, volume: Number(minute) }, close)
      }
      return batch
    }
    const near = (values: Float64Array, wanted: readonly number[]) => {
      expect(values).toHaveLength(wanted.length)
      for (const [i, value] of wanted.entries()) {
        if (Number.isNaN(value)) expect(values[i]).toBeNaN()
        else expect(values[i]! / value).toBeCloseTo(1, 9)
      }
    }

    it('are given back beside their closes, across hours and midnight, unknown where there are none', () => {
      const { store, path } = aStore()
      store.write([{ series: btc, batch: candled({ 0: 100, 10: 0.1, 1450: 116_400.123 }), origin: 'recorded' }])
      store.write([{ series: btc, batch: aBatch({ 1: 101 }), origin: 'recorded' }])
      const candles = aStore(path).store.readCandles(btc, at(-1), at(10))
      near(candles.open, [nan, 99.9, ...Array.from({ length: 9 }, () => nan), 0.0999])
      near(candles.high, [nan, 100.2, ...Array.from({ length: 9 }, () => nan), 0.1002])
      expect(candles.volume[11]).toBe(10)
      near(store.readCandles(btc, at(1_450), at(1_450)).low, [116_400.123 * 0.998])
      expect(store.readCandles(gold, at(0), at(1)).open).toEqual(Float64Array.of(nan, nan))
    })
    it('stay as they were first, and go with a close that is replaced', () => {
      const { store, db } = aStore()
      const highOf = () => store.readCandles(btc, at(0), at(0)).high
      store.write([{ series: btc, batch: candled({ 0: 100 }), origin: 'recorded' }])
      const changes = () => db.prepare('select total_changes()').pluck().get()
      const before = changes()
      store.write([{ series: btc, batch: candled({ 0: 100 }), origin: 'recorded' }])
      expect(changes()).toBe(before)
      store.write([{ series: btc, batch: candled({ 0: 100 }, 1.1), origin: 'recorded' }])
      near(highOf(), [100.2])
      // Another close: it is refused, and its candle with it.
      store.write([{ series: btc, batch: aBatch({ 1: 100 }), origin: 'recorded' }])
      store.write([{ series: btc, batch: candled({ 1: 105 }), origin: 'recorded' }])
      near(store.readCandles(btc, at(1), at(1)).high, [nan])
      store.write([{ series: btc, batch: candled({ 0: 105 }), origin: 'recorded' }])
      near(highOf(), [100.2])
      store.write([{ series: btc, batch: aBatch({ 0: 105 }), origin: 'imported', mode: 'replace' }])
      near(highOf(), [nan])
      store.write([{ series: btc, batch: candled({ 0: 105 }), origin: 'recorded' }])
      near(highOf(), [105.21])
    })
    it('that are impossible are left out, and their close stays', () => {
      const { store } = aStore()
      const batch = aBatch({ 0: 100 })
      batch.addCandle({ openAtMs: at(0), open: 100, high: 99, low: 98, volume: 1 }, 100)
      store.write([{ series: btc, batch, origin: 'recorded' }])
      near(store.readCandles(btc, at(0), at(0)).high, [nan])
      expect(store.readSlots(btc, at(0), at(0))).toEqual(Float64Array.of(100))
    })
  })
  it('keeps series of one asset on two venues apart', () => {
    const { store } = aStore()
    const other: MinuteSeries = { ...btc, venue: 'hyperliquidPerp', symbol: 'BTC' }
    store.write([
      { series: btc, batch: aBatch({ 0: 1 }), origin: 'recorded' },
      { series: other, batch: aBatch({ 0: 2 }), origin: 'recorded' },
    ])
    expect([store.readSlots(btc, at(0), at(0))[0], store.readSlots(other, at(0), at(0))[0]]).toEqual([1, 2])
    expect(store.listSeries().map((series) => series.symbol)).toEqual(['BTCUSDT', 'BTC'])
  })
  it('is not changed by writing the same again', () => {
    const { store } = aStore()
    const write = {
      series: btc,
      batch: aBatch({ 0: 1, 1: Number.NaN, 2: 3 }),
      origin: 'imported',
      detail: 'a.csv',
    } as const
    store.write([write])
    const before = store.listRanges(btc)
    const [outcome] = store.write([write])
    expect(outcome).toMatchObject({ added: 0, gapsDeclared: 0, unchanged: 2, conflicts: 0 })
    expect(store.listRanges(btc)).toEqual(before)
  })
  it('keeps the first close of a minute and counts a different later one, with an example', () => {
    const { store, db } = aStore()
    store.write([{ series: btc, batch: aBatch({ 0: 1 }), origin: 'recorded' }])
    const refused = { series: btc, batch: aBatch({ 0: 1.5, 1: 2 }), origin: 'imported', detail: 'b.csv' } as const
    const [outcome] = store.write([refused])
    store.write([refused])
    expect(outcome).toMatchObject({ added: 1, conflicts: 1, examples: [{ openAtMs: at(0), kept: 1, refused: 1.5 }] })
    expect([...store.readSlots(btc, at(0), at(1))]).toEqual([1, 2])
    expect(db.prepare('select kept, refused, origin, seen_count from minute_conflicts').all()).toEqual([
      { kept: 1, refused: 1.5, origin: 'imported', seen_count: 2 },
    ])
    expect(store.listSeries()[0]?.conflicts).toBe(2)
  })
  it('lets an operator replace closes and remembers what they were', () => {
    const { store, db } = aStore()
    store.write([{ series: btc, batch: aBatch({ 0: 1 }), origin: 'recorded' }])
    store.write([{ series: btc, batch: aBatch({ 0: 1.5 }), origin: 'imported', mode: 'replace' }])
    expect(store.readSlots(btc, at(0), at(0))[0]).toBe(1.5)
    expect(db.prepare('select kept, refused from minute_conflicts').all()).toEqual([{ kept: 1.5, refused: 1 }])
  })
  it('remembers where minutes came from, one range for a run of recorded ones', () => {
    const { store, clock } = aStore()
    const startedAtMs = clock.nowMs()
    for (let minute = 0; minute < 20; minute += 1) {
      store.write([{ series: btc, batch: aBatch({ [minute]: 1 + minute }), origin: 'recorded' }])
    }
    store.write([{ series: btc, batch: aBatch({ 30: 31 }), origin: 'recorded' }])
    store.write([{ series: btc, batch: aBatch({ 20: 21, 21: Number.NaN }), origin: 'backfilled' }])
    expect(
      store.listRanges(btc).map(({ origin, fromMs, toMs, closes, gaps }) => [origin, fromMs, toMs, closes, gaps]),
    ).toEqual([
      ['recorded', at(0), at(19), 20, 0],
      ['backfilled', at(20), at(21), 1, 1],
      ['recorded', at(30), at(30), 1, 0],
    ])
    expect(store.listRanges(btc)[0]?.firstWrittenAtMs).toBe(startedAtMs)
  })
  it('finds the first and the last close of a range, over days without any', () => {
    const { store } = aStore()
    store.write([{ series: btc, batch: aBatch({ 0: 1, 5: 2, 6: Number.NaN, 20000: 3 }), origin: 'recorded' }])
    expect(store.lastClose(btc, at(-100), at(19_999))).toEqual({ openAtMs: at(5), close: 2 })
    expect(store.firstClose(btc, at(6), at(30_000))).toEqual({ openAtMs: at(20_000), close: 3 })
    expect(store.firstClose(btc, at(1), at(4))).toBeUndefined()
    expect(store.lastClose(gold, at(0), at(9))).toBeUndefined()
  })
  it('writes all of a call or nothing', () => {
    const { store, db } = aStore()
    db.exec(
      "create trigger no_gold before insert on minute_series when new.asset = 'XAU' begin select raise(abort, 'no gold'); end",
    )
    const write = () =>
      store.write([
        { series: btc, batch: aBatch({ 0: 1 }), origin: 'recorded' },
        { series: gold, batch: aBatch({ 0: 1 }), origin: 'recorded' },
      ])
    expect(write).toThrow(/The minutes were not stored: no gold/)
    expect([db.prepare('select count(*) from minute_series').pluck().get(), store.listSeries()]).toEqual([0, []])
    expect(store.write([{ series: btc, batch: aBatch({ 0: 1 }), origin: 'recorded' }])[0]?.added).toBe(1)
  })
  it('merges what two connections write into the same day', () => {
    const first = aStore()
    const second = aStore(first.path)
    first.store.write([{ series: btc, batch: aBatch({ 0: 1 }), origin: 'recorded' }])
    second.store.write([{ series: btc, batch: aBatch({ 1: 2 }), origin: 'imported' }])
    first.store.write([{ series: btc, batch: aBatch({ 2: 3 }), origin: 'recorded' }])
    expect([...second.store.readSlots(btc, at(0), at(2))]).toEqual([1, 2, 3])
  })
})

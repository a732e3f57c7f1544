import { describe, expect, it } from 'vitest'
import { dayMs, minuteMs } from '#core/base/time/units'
import { syntheticAssets } from './synthetic-assets.ts'
import { SyntheticMarket } from './synthetic-market.ts'
import { rhythmOfDay } from './synthetic-rhythm.ts'

const days = 98
const market = new SyntheticMarket({ seed: 7n })
const closes = readAll(market, days)
const returns = new Map([...closes].map(([name, series]) => [name, logReturns(series)]))

/** Closes of whole days by asset; NaN where nobody traded. */
function readAll(source: SyntheticMarket, dayCount: number): Map<string, Float64Array> {
  const all = new Map(source.assets().map((name) => [name, new Float64Array(dayCount * 1_440)]))
  for (let minute = 0; minute < dayCount * 1_440; minute += 1) {
    for (const [name, series] of all)
      series[minute] = source.minuteClose(name, source.originMs + minute * minuteMs) ?? Number.NaN
  }
  return all
}

function logReturns(series: Float64Array, step = 1): Float64Array {
  return Float64Array.from(series, (close, i) => Math.log(close / series[i - step]!)).map((r, i) =>
    i < step ? Number.NaN : r,
  )
}

const present = (series: Float64Array) => series.filter((value) => !Number.isNaN(value))
const mean = (series: Float64Array) => series.reduce((sum, value) => sum + value, 0) / series.length
const rms = (series: Float64Array) => Math.sqrt(mean(present(series).map((value) => value * value)))
const kurtosis = (series: Float64Array) => mean(present(series).map((value) => value ** 4)) / rms(series) ** 4

function correlation(a: Float64Array, b: Float64Array): number {
  const both = Float64Array.from(a.keys()).filter((i) => !Number.isNaN(a[i]! * b[i]!))
  const product = mean(both.map((i) => a[i]! * b[i]!))
  return product / (rms(both.map((i) => a[i]!)) * rms(both.map((i) => b[i]!)))
}

function autocorrelation(series: Float64Array, lag: number): number {
  const centre = mean(present(series))
  const moved = series.map((value) => value - centre)
  return correlation(moved.subarray(lag), moved.subarray(0, moved.length - lag))
}

const btc = returns.get('BTC')!
const nvda = returns.get('NVDAX')!
const pick = (series: Float64Array, keep: (atMs: number) => boolean) =>
  series.map((value, i) => (keep(market.originMs + i * minuteMs) ? value : Number.NaN))
const hourOf = (atMs: number) => new Date(atMs).getUTCHours()
const isWeekend = (atMs: number) => [0, 6].includes(new Date(atMs).getUTCDay())

describe('SyntheticMarket, the same however it is read', () => {
  it('gives the same prices in any order, from any instance with the seed, and others for another seed', () => {
    const other = new SyntheticMarket({ seed: 7n })
    for (const minute of [90 * 1_440 + 77, 3, 60 * 1_440, 90 * 1_440 + 76, 1_440, 1_439]) {
      for (const [name, series] of closes) {
        const close = other.minuteClose(name, other.originMs + minute * minuteMs) ?? Number.NaN
        expect(Object.is(close, series[minute])).toBe(true)
      }
    }
    const elsewhere = new SyntheticMarket({ seed: 8n })
    expect(elsewhere.minuteClose('BTC', elsewhere.originMs)).not.toBe(market.minuteClose('BTC', market.originMs))
  })
  it('leads from one close to the next without a step inside the minute', () => {
    const openMs = market.originMs + 5 * dayMs + 700 * minuteMs
    const before = market.minuteClose('BTC', openMs - minuteMs)!
    const after = market.minuteClose('BTC', openMs)!
    expect(market.priceAt('BTC', openMs)).toBe(before)
    expect(market.priceAt('BTC', openMs + minuteMs)).toBe(after)
    let last = before
    for (let second = 1; second <= 60; second += 1) {
      const price = market.priceAt('BTC', openMs + second * 1_000)!
      expect(Math.abs(Math.log(price / last))).toBeLessThan(0.002)
      last = price
    }
  })
  it('has prices of a whole number of ticks, so that text and number say the same', () => {
    for (const asset of syntheticAssets) {
      for (const close of present(closes.get(asset.name)!.subarray(0, 2_000))) {
        expect(Number(close.toFixed(asset.priceDecimals))).toBe(close)
      }
    }
  })
  it('knows no price before its first day, off the grid, of a stranger, or of another century', () => {
    expect(market.minuteClose('BTC', market.originMs - minuteMs)).toBeUndefined()
    expect(market.minuteClose('BTC', market.originMs + 1)).toBeUndefined()
    expect(market.minuteClose('DOGE', market.originMs)).toBeUndefined()
    expect(market.priceAt('BTC', market.originMs - 1)).toBeUndefined()
    expect(market.priceAt('BTC', Number.POSITIVE_INFINITY)).toBeUndefined()
    expect(market.priceAt('BTC', Number.NaN)).toBeUndefined()
  })
})

describe('SyntheticMarket, in the shape of real minutes', () => {
  it('has 0.8 to 1.3 times the volatility that the table says', () => {
    for (const asset of syntheticAssets) {
      const ratio = (rms(returns.get(asset.name)!) * 1e4) / asset.minuteVolBps
      expect(ratio, asset.name).toBeGreaterThan(0.8)
      expect(ratio, asset.name).toBeLessThan(1.3) // jumps and ticks come on top
    }
  })
  it('has fat tails, less so over five minutes', () => {
    for (const [name, series] of returns) {
      expect(kurtosis(series), name).toBeGreaterThan(12)
      expect(kurtosis(series), name).toBeLessThan(400)
    }
    const fiveMinutes = logReturns(closes.get('BTC')!.filter((_, i) => i % 5 === 0))
    expect(kurtosis(fiveMinutes)).toBeGreaterThan(7)
    expect(kurtosis(fiveMinutes)).toBeLessThan(kurtosis(btc))
  })
  it('has volatility that clusters, forgets half within hours, and is still there a day later', () => {
    const size = btc.map(Math.abs)
    const byLag = [1, 60, 240, 1_440].map((lag) => autocorrelation(size, lag))
    expect(byLag[0]).toBeGreaterThan(0.2)
    expect(byLag[0]).toBeLessThan(0.5)
    expect(byLag[1]).toBeLessThan(byLag[0]!)
    expect(byLag[2]).toBeLessThan(0.75 * byLag[0]!)
    expect(byLag[3]).toBeGreaterThan(0.04)
  })
  it('has no memory in the direction', () => {
    for (const [name, series] of returns) expect(Math.abs(autocorrelation(series, 5)), name).toBeLessThan(0.03)
  })
  it('has the rhythm of the day and the week', () => {
    const at = (hour: number) => rms(pick(btc, (atMs) => hourOf(atMs) === hour))
    expect(at(14) / at(4)).toBeGreaterThan(1.4)
    expect(at(14) / at(4)).toBeLessThan(2.7)
    const weekend = rms(pick(btc, isWeekend)) / rms(pick(btc, (atMs) => !isWeekend(atMs)))
    expect(weekend).toBeGreaterThan(0.45)
    expect(weekend).toBeLessThan(0.85)
  })
  it('lets shares follow the session in New York, also in summer, and nearly sleep at the weekend', () => {
    const session = pick(nvda, (atMs) => !isWeekend(atMs) && hourOf(atMs) >= 15 && hourOf(atMs) < 19)
    const night = pick(nvda, (atMs) => !isWeekend(atMs) && hourOf(atMs) >= 4 && hourOf(atMs) < 8)
    expect(rms(session) / rms(night)).toBeGreaterThan(1.6)
    expect(rms(session) / rms(night)).toBeLessThan(4)
    expect(rms(pick(nvda, isWeekend)) / rms(pick(nvda, (atMs) => !isWeekend(atMs)))).toBeLessThan(0.6)
    const peak = (dayStartMs: number) =>
      rhythmOfDay('usSession', dayStartMs).reduce((best, value, i, all) => (value > all[best]! ? i : best), 0)
    expect([peak(Date.UTC(2026, 0, 14)), peak(Date.UTC(2026, 6, 15))]).toEqual([14 * 60 + 30, 13 * 60 + 30])
  })
  it('moves together what belongs together', () => {
    const of = (a: string, b: string) => correlation(returns.get(a)!, returns.get(b)!)
    for (const [a, b] of [
      ['BTC', 'ETH'],
      ['BTC', 'SOL'],
      ['SOL', 'XRP'],
      ['SP500', 'NVDAX'],
    ] as const) {
      expect(of(a, b), `${a} ${b}`).toBeGreaterThan(0.55)
      expect(of(a, b), `${a} ${b}`).toBeLessThan(0.85)
    }
    expect(of('BTC', 'TSLAX')).toBeGreaterThan(0.05)
    expect(of('BTC', 'TSLAX')).toBeLessThan(0.4)
    expect(Math.abs(of('BTC', 'WTIOIL'))).toBeLessThan(0.15)
  })
  it('jumps now and then: more than eight times the last hour in about one minute of three thousand', () => {
    let jumps = 0
    for (let i = 61; i < btc.length; i += 1) if (Math.abs(btc[i]!) > 8 * rms(btc.subarray(i - 60, i))) jumps += 1
    expect(jumps / days).toBeGreaterThan(0.2)
    expect(jumps / days).toBeLessThan(1.2)
  })
  it('has minutes without a trade where trading is thin, and never on the venues that write every minute', () => {
    const quiet = (name: string) => 1 - present(closes.get(name)!).length / (days * 1_440)
    expect(['BTC', 'ETH', 'SOL', 'XRP'].map(quiet)).toEqual([0, 0, 0, 0])
    expect(quiet('AAPLX')).toBeGreaterThan(0.05)
    expect(quiet('AAPLX')).toBeLessThan(0.35)
  })
})

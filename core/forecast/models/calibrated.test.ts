import { describe, expect, it } from 'vitest'
import { SplitMix64 } from '#core/base/random/rng'
import { checkForecast } from '../paths/check-forecast.ts'
import type { PriceSeries } from '../volatility/price-series.ts'
import { CalibratedModel, regridVariances } from './calibrated.ts'
import { CalibratedMemory } from './calibrated-memory.ts'
import { calibrate, calibratedGrids } from './calibrated-parameters.ts'
import { readParameterFile, writeParameterFile } from './parameter-file.ts'

const grid = calibratedGrids.low
const dayLength = 288

/** Days of calm and of storm, three to one; nights half as lively. */
function makeSeries(days: number): PriceSeries {
  const rng = new SplitMix64(9n)
  const closes = new Float64Array(days * dayLength)
  let price = 100
  for (let i = 0; i < closes.length; i += 1) {
    const isNight = i % dayLength < dayLength / 2
    const isStorm = Math.floor(i / (3 * dayLength)) % 2 === 1
    const sd = 0.001 * (isNight ? 0.5 : 1) * (isStorm ? 3 : 1)
    price *= Math.exp(sd * Math.sqrt(-2 * Math.log(1 - rng.next())) * Math.cos(2 * Math.PI * rng.next()))
    closes[i] = price
  }
  return { startAtMs: Date.UTC(2025, 0, 6), stepSeconds: 300, closes }
}

const series = makeSeries(40)
const until = 36 * dayLength

function fitOn(of: PriceSeries) {
  const answer = calibrate('BTC', of, until, grid)
  if (!answer.ok) throw new Error(answer.reason)
  return answer.parameters
}
const parameters = fitOn(series)

function memoryUpTo(end: number): CalibratedMemory {
  const memory = new CalibratedMemory(parameters, 'hash')
  for (let i = 0; i < end; i += 1) memory.takePrice(series.closes[i]!, series.startAtMs + i * 300_000)
  return memory
}

function forecastFrom(memory: CalibratedMemory, stepSeconds = 300, stepCount = 288) {
  const question = { asset: 'BTC', startAtMs: memory.lastPriceAtMs, stepSeconds, stepCount }
  const answer = new CalibratedModel(() => memory).forecast(question)
  if (!answer.ok) throw new Error(answer.reason)
  expect(checkForecast(answer.forecast)).toEqual({ ok: true })
  return answer.forecast[0].process
}

describe('calibrate', () => {
  it('sees nothing from `until` on: cutting or spoiling the rest changes no bit', () => {
    const cut = { ...series, closes: series.closes.slice(0, until) }
    const spoilt = { ...series, closes: series.closes.map((close, i) => (i < until ? close : 5 * close)) }
    expect(fitOn(cut)).toEqual(parameters)
    expect(fitOn(spoilt)).toEqual(parameters)
  })
  it('finds the rhythm of the day', () => {
    const { scales } = parameters.model.curve
    const night = scales[0]! // 00:00 in New York is five in the morning UTC, in the quiet half.
    const noon = scales[20]!
    expect(noon / night).toBeGreaterThan(1.6)
    expect(noon / night).toBeLessThan(2.5)
  })
  it('says what is missing when there are too few prices', () => {
    const answer = calibrate('BTC', series, 5 * dayLength, grid)
    expect(answer).toEqual({ ok: false, reason: 'BTC: 1440 prices of 300 s, but 2880 are needed' })
  })
  it('fits a set that reads back bit for bit, and not with another number in it', () => {
    const hash = (text: string) => text.length.toString(16).padStart(64, '0')
    const text = writeParameterFile(parameters, hash)
    expect(readParameterFile(text, hash)).toMatchObject({ ok: true, file: { parameters } })
    expect(readParameterFile(text.replace('"asset":"BTC"', '"asset":"BTCX"'), hash).ok).toBe(false)
    expect(readParameterFile(text.slice(0, 100), hash)).toEqual({ ok: false, reason: 'no JSON' })
  })
})

describe('a set from before there was a calendar', () => {
  const { events: _, ...curve } = parameters.model.curve
  const old = { ...parameters, model: { ...parameters.model, curve } }
  it('reads back with its own hash, and a fit can begin with it', () => {
    const hash = (text: string) => text.length.toString(16).padStart(64, '0')
    expect(readParameterFile(writeParameterFile(old, hash), hash)).toMatchObject({
      ok: true,
      file: { parameters: old },
    })
    const answer = calibrate('BTC', series, until, grid, old)
    expect(answer).toMatchObject({ ok: true })
    if (answer.ok) expect(answer.parameters.model.curve.events).toHaveLength(11)
  })
})

describe('CalibratedModel', () => {
  it('expects more in the minutes after figures that are due, and no less at any other time', () => {
    const events = [{ kind: 'release', fromMinutes: 0, toMinutes: 5, scale: 4 }] as const
    const curve = { ...parameters.model.curve, events: [...events] }
    const quiet = { ...parameters, model: { ...parameters.model, curve: { ...curve, events: [] } } }
    const expecting = { ...parameters, model: { ...parameters.model, curve } }
    const state = memoryUpTo(until).snapshot()!
    // Consumer prices of 2025-02-12, half past eight in New York.
    const question = { asset: 'BTC', startAtMs: Date.UTC(2025, 1, 12), stepSeconds: 300, stepCount: 288 }
    const variances = [quiet, expecting].map((of) => {
      const answer = new CalibratedModel(() => new CalibratedMemory(of, 'hash', state)).forecast(question)
      if (!answer.ok) throw new Error(answer.reason)
      return answer.forecast[0].process.stepVariances
    })
    const ratios = [...variances[1]!].map((value, k) => value / variances[0]![k]!)
    const atRelease = (13.5 * 60) / 5
    expect(ratios[atRelease]).toBeCloseTo(16, 9)
    expect(ratios.filter((ratio) => ratio !== 1)).toHaveLength(1)
  })
  it('expects more after a storm than after calm, and most of all soon', () => {
    const calm = forecastFrom(memoryUpTo(33 * dayLength)).stepVariances
    const storm = forecastFrom(memoryUpTo(36 * dayLength)).stepVariances
    const ratioAt = (k: number) => storm[k]! / calm[k]!
    expect(ratioAt(0)).toBeGreaterThan(2)
    expect(ratioAt(0)).toBeGreaterThan(ratioAt(287))
  })
  it('splits and joins its variance over other grids', () => {
    const memory = memoryUpTo(36 * dayLength)
    const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0)
    const own = sum(forecastFrom(memory).stepVariances)
    expect(sum(forecastFrom(memory, 60, 1440).stepVariances) / own).toBeCloseTo(1, 9)
    expect(sum(forecastFrom(memory, 900, 96).stepVariances) / own).toBeCloseTo(1, 9)
    expect([...regridVariances(Float64Array.of(2, 4), 60, 90, 1)]).toEqual([4])
  })
  it('refuses before it has seen a price, and is degraded after a few', () => {
    const memory = new CalibratedMemory(parameters, 'hash')
    const question = { asset: 'BTC', startAtMs: 0, stepSeconds: 300, stepCount: 288 }
    const model = new CalibratedModel(() => memory)
    expect(model.forecast(question).ok).toBe(false)
    for (let i = 0; i < 5; i += 1) memory.takePrice(100 + i, i * 300_000)
    expect(model.forecast(question)).toMatchObject({ ok: true, isDegraded: true })
  })
  it('continues from a stored state as if it had never stopped', () => {
    const whole = memoryUpTo(until)
    const half = memoryUpTo(until / 2)
    const restored = new CalibratedMemory(parameters, 'hash', structuredClone(half.snapshot()!))
    for (let i = until / 2; i < until; i += 1) restored.takePrice(series.closes[i]!, series.startAtMs + i * 300_000)
    expect(restored.snapshot()).toEqual(whole.snapshot())
  })
  it('takes no return across a hole, nor a bad or repeated price', () => {
    const memory = memoryUpTo(until)
    const before = memory.snapshot()
    memory.takePrice(Number.NaN, memory.lastPriceAtMs + 300_000)
    memory.takePrice(1, memory.lastPriceAtMs)
    memory.takePrice(1, memory.lastPriceAtMs + 60_000)
    expect(memory.snapshot()).toEqual(before)
    memory.takePrice(1e6, memory.lastPriceAtMs + 3 * 300_000)
    const after = memory.snapshot()!
    expect(after.sums.every((value, j) => value < before!.sums[j]!)).toBe(true)
  })
})

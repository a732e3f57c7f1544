import { describe, expect, it } from 'vitest'
import { hourMs } from '#core/base/time/units'
import { checkForecast } from '../paths/check-forecast.ts'
import { blendAnswers } from './blend.ts'
import { ReferenceModel } from './reference.ts'
import { SeedModel } from './seed.ts'
import { horizonSd, type VolatilityModel } from './volatility-model.ts'

const mondayNoonMs = Date.UTC(2026, 0, 5, 12)
const day = { asset: 'BTC', startAtMs: mondayNoonMs, stepSeconds: 300, stepCount: 288 }
const hour = { asset: 'BTC', startAtMs: mondayNoonMs, stepSeconds: 60, stepCount: 60 }

function seedWith(variance: number, asset = 'BTC') {
  const state = { version: 1, asset, variance, lastClose: 1, lastCloseAtMs: 0, lambda: 0.9, isDegraded: false } as const
  return new SeedModel(() => state)
}

function forecastOf(model: VolatilityModel, question: typeof day) {
  const answer = model.forecast(question)
  if (!answer.ok) throw new Error(answer.reason)
  expect(checkForecast(answer.forecast)).toEqual({ ok: true })
  return answer.forecast
}

describe('ReferenceModel', () => {
  it('has its hourly volatility in every hour', () => {
    expect(horizonSd(forecastOf(new ReferenceModel(), hour))).toBeCloseTo(0.00541, 12)
    expect(horizonSd(forecastOf(new ReferenceModel(), day))).toBeCloseTo(0.00541 * Math.sqrt(24), 12)
  })
  it('does not invent an asset', () => {
    expect(new ReferenceModel().forecast({ ...day, asset: 'DOGE' }).ok).toBe(false)
  })
})

describe('SeedModel', () => {
  it('widens steps by its raw Student-t draws', () => {
    const [{ process }] = forecastOf(seedWith(1e-7), day)
    expect(process.stepVariances[0]).toBeCloseTo(1e-7 * 5 * (5 / 3), 15)
    expect(process.tails).toEqual({ kind: 'student', degreesOfFreedom: 5 })
  })
  it('caps a step by the day, then shrinks the hour', () => {
    const cap = 0.1 / Math.sqrt(1440)
    const [{ process }] = forecastOf(seedWith(1e-3), hour)
    expect(Math.sqrt((process.stepVariances[0]! * 3) / 5)).toBeCloseTo(0.9 * cap, 12)
    expect(seedWith(1e-3).forecast(hour)).toMatchObject({ isCapped: true })
    expect(seedWith(1e-7).forecast(hour)).toMatchObject({ isCapped: false })
  })
  it('starts from its own default, marked as such', () => {
    const answer = new SeedModel(() => undefined).forecast(day)
    expect(answer.ok && answer.isDegraded).toBe(true)
    expect(answer.ok && answer.forecast[0].process.stepVariances[0]).toBeCloseTo(25e-6 * (5 / 3), 12)
  })
  it('takes tuned tails, cap and shrink; its own numbers are what it has without them', () => {
    const state = { version: 1, asset: 'BTC', variance: 1e-3, lastClose: 1, lastCloseAtMs: 0, lambda: 0.9 } as const
    const read = () => ({ ...state, isDegraded: false })
    const tuned = new SeedModel(read, undefined, () => ({ df: 4, sigmaCapDaily: 0.05, shrinkHigh: 0.5 }))
    const [{ process }] = forecastOf(tuned, hour)
    expect(process.tails).toEqual({ kind: 'student', degreesOfFreedom: 4 })
    expect(process.stepVariances[0]).toBeCloseTo(2 * (0.5 * 0.05) ** 2 * (1 / 1440), 15)
    const own = () => ({ df: 5, sigmaCapDaily: 0.1, shrinkHigh: 0.9 })
    expect(new SeedModel(read, undefined, own).forecast(day)).toEqual(new SeedModel(read).forecast(day))
  })
  it('holds a share still when the exchange is closed at the start of a day', () => {
    const share = { ...day, asset: 'NVDAX' }
    const closed = forecastOf(seedWith(1e-7, 'NVDAX'), share)[0].process
    const open = forecastOf(seedWith(1e-7, 'NVDAX'), { ...share, startAtMs: mondayNoonMs + 3 * hourMs })[0].process
    expect(Math.sqrt(closed.stepVariances[0]!)).toBeCloseTo(1e-8, 15)
    expect(open.stepVariances[0]).toBeCloseTo(5e-7, 12)
    expect(open.tails.kind).toBe('normal')
  })
})

describe('blendAnswers', () => {
  const partOf = (share: number, model: VolatilityModel) => ({ name: model.name, share, answer: model.forecast(day) })
  const silent: VolatilityModel = { name: 'silent', forecast: () => ({ ok: false, reason: 'nothing known' }) }
  it('gives each member its share of the paths', () => {
    const answer = blendAnswers([partOf(0.25, new ReferenceModel()), partOf(0.75, seedWith(1e-7))])
    expect(answer.ok && answer.forecast.map((part) => part.weight)).toEqual([0.25, 0.75])
    expect(answer.ok && answer.isDegraded).toBe(false)
  })
  it('continues without a member that cannot answer, and reports the missing share', () => {
    const answer = blendAnswers([partOf(1, silent), partOf(1, new ReferenceModel())])
    expect(answer.ok && answer.isDegraded && answer.forecast.length).toBe(1)
    expect(blendAnswers([partOf(1, silent)])).toEqual({ ok: false, reason: 'silent: nothing known' })
    expect(blendAnswers([])).toMatchObject({ ok: false })
  })
})

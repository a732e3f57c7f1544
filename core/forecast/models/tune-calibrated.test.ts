import { describe, expect, it } from 'vitest'
import { calibratedMemory } from '#tests/support/calibrated-forecast'
import type { CalibratedTuning } from '../parameters/asset-parameters.ts'
import { checkForecast } from '../paths/check-forecast.ts'
import { CalibratedModel } from './calibrated.ts'
import { CalibratedMemory } from './calibrated-memory.ts'
import { tuneCalibrated } from './tune-calibrated.ts'

const memory = calibratedMemory('BTC', 'low')!
const question = { asset: 'BTC', startAtMs: Date.UTC(2026, 8, 23, 12), stepSeconds: 300, stepCount: 288 }

function forecastWith(tuning: CalibratedTuning | undefined, of: CalibratedMemory = memory) {
  const answer = new CalibratedModel(
    () => of,
    (asset, horizon) => (asset === 'BTC' && horizon === 'low' ? tuning : undefined),
  ).forecast(question)
  if (!answer.ok) throw new Error(answer.reason)
  return answer.forecast[0].process
}

const fitted = forecastWith(undefined)
const { shape, model } = memory.parameters

describe('a tuned calibrated model', () => {
  it('forecasts the fitted set bit for bit while all is neutral', () => {
    expect(forecastWith({})).toEqual(fitted)
    expect(forecastWith({ level: 1, levelSd: 1, tail: 1, memory: 0 })).toEqual(fitted)
    expect(forecastWith({ level: 1, levelSd: 1, tail: 1, memory: -0 })).toEqual(fitted)
  })
  it('scales every step, and nothing else, with its level', () => {
    const { stepVariances, ...rest } = forecastWith({ level: 1.1 })
    for (const [k, variance] of stepVariances.entries())
      expect(variance / fitted.stepVariances[k]!).toBeCloseTo(1.21, 9)
    expect(rest).toEqual({ ...fitted, stepVariances: undefined })
  })
  it('is more or less certain of the level of a path, with the same variance', () => {
    const { stepVariances, volatilityFactors } = forecastWith({ levelSd: 1.5 })
    expect(stepVariances).toEqual(fitted.stepVariances)
    expect(volatilityFactors).toEqual([
      { ...fitted.volatilityFactors[0]!, logSd: shape.pathLogSd * 1.5 },
      fitted.volatilityFactors[1],
    ])
    expect(forecastWith({ levelSd: 0 }).volatilityFactors).toEqual([fitted.volatilityFactors[1]])
  })
  it('has heavier or lighter tails, with the same variance', () => {
    const scalesOf = ({ tails }: typeof fitted) =>
      tails.kind === 'mixture' ? tails.components.map(({ scale }) => scale) : []
    const spread = (of: typeof fitted) => Math.log(Math.max(...scalesOf(of)) / Math.min(...scalesOf(of)))
    const heavier = forecastWith({ tail: 1.5 })
    expect(spread(heavier) / spread(fitted)).toBeCloseTo(1.5, 9)
    expect(heavier.stepVariances).toEqual(fitted.stepVariances)
    expect(new Set(scalesOf(forecastWith({ tail: 0 })))).toEqual(new Set([1]))
  })
  it('follows the last minutes faster or slower by its memory, and forecasts the same where all averages are equal', () => {
    const storm = new CalibratedMemory(memory.parameters, 'hash', memory.snapshot())
    let price = 100_000
    for (let i = 1; i <= 24; i += 1) {
      price *= i % 2 === 0 ? 1.004 : 1 / 1.004
      storm.takePrice(price, memory.lastPriceAtMs + i * 300_000)
    }
    const first = (tuning: CalibratedTuning, of: CalibratedMemory) => forecastWith(tuning, of).stepVariances[40]!
    expect(first({ memory: 0.3 }, storm)).toBeGreaterThan(first({}, storm) * 1.02)
    expect(first({ memory: -0.3 }, storm)).toBeLessThan(first({}, storm) * 0.98)

    const steady = new CalibratedMemory(memory.parameters, 'hash', memory.snapshot())
    steady.bank.sums.fill(2.5)
    steady.bank.weights.fill(1)
    steady.bank.signedSums.fill(0)
    for (const shifted of [0.5, -0.5]) {
      expect(first({ memory: shifted }, steady) / first({}, steady)).toBeCloseTo(1, 9)
    }
  })
  it('moves weight along the half-lives only: their sum, the constant and the trends stay', () => {
    const last = model.halfLivesSteps.length
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
    for (const shifted of [1e-3, 0.5, -0.5]) {
      const tuned = tuneCalibrated(memory.parameters, { memory: shifted }).model
      for (const [i, { coefficients }] of tuned.stretches.entries()) {
        const own = model.stretches[i]!.coefficients
        expect(coefficients[0]).toBe(own[0])
        expect(coefficients.slice(last + 1)).toEqual(own.slice(last + 1))
        expect(sum(coefficients.slice(1, last + 1))).toBeCloseTo(sum(own.slice(1, last + 1)), 9)
        const mean = (weights: readonly number[]) => sum(weights.slice(1, last + 1).map((weight, j) => weight * j))
        const gained = mean(coefficients) - mean(own)
        const expected = shifted > 0 ? -sum(own.slice(2, last + 1)) : sum(own.slice(1, last))
        expect(gained).toBeCloseTo(Math.abs(shifted) * expected, 9)
      }
    }
  })
  it.each([{ level: 2 }, { levelSd: 2 }, { tail: 1.5 }, { memory: 0.5 }, { memory: -0.5 }, { tail: 0, levelSd: 0 }])(
    'can be sampled at the bounds: %j',
    (tuning) => {
      const process = forecastWith(tuning)
      expect(checkForecast([{ weight: 1, process }])).toEqual({ ok: true })
    },
  )
})

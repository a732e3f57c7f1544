import { describe, expect, it } from 'vitest'
import { typicalHourlySd } from '#tests/support/built-in-assets'
import { defaultParameters } from '../parameters/default-parameters.ts'
import { varianceFloor } from '../parameters/variance-floor.ts'
import { EwmaModel } from './ewma.ts'
import type { EwmaState } from './ewma-state.ts'
import { LastSigmaModel } from './last-sigma.ts'
import { horizonSd, type ModelAnswer } from './volatility-model.ts'

const day = { asset: 'BTC', startAtMs: 0, stepSeconds: 300, stepCount: 288 }
const hour = { ...day, stepSeconds: 60, stepCount: 60 }
const parameters = { ...defaultParameters('BTC'), df: 6, sigmaCapDaily: 0.1, shrinkHigh: 0.9 }

function aState(change: Partial<EwmaState> = {}): EwmaState {
  const base = { version: 1, asset: 'BTC', variance: 4e-7, lastClose: 100, lastCloseAtMs: 0, lambda: 0.94 } as const
  return { ...base, isDegraded: false, ...change }
}

function ewma(state: EwmaState | undefined, change: Partial<typeof parameters> = {}) {
  return new EwmaModel(
    () => state,
    () => ({ ...parameters, ...change }),
  )
}

function sdOf(answer: ModelAnswer): number {
  if (!answer.ok) throw new Error(answer.reason)
  return horizonSd(answer.forecast)
}

function tailsOf(answer: ModelAnswer) {
  return answer.ok ? answer.forecast[0].process.tails : undefined
}

describe('EwmaModel', () => {
  it('spreads the variance of a minute over the horizon', () => {
    expect(sdOf(ewma(aState()).forecast(day))).toBeCloseTo(Math.sqrt(4e-7 * 1_440), 12)
    expect(sdOf(ewma(aState(), { shrinkHigh: 1 }).forecast(hour))).toBeCloseTo(Math.sqrt(4e-7 * 60), 12)
  })

  it('shrinks the standard deviation of hours, and only of them', () => {
    const shrunk = sdOf(ewma(aState(), { shrinkHigh: 0.8 }).forecast(hour))
    expect(shrunk / sdOf(ewma(aState(), { shrinkHigh: 1 }).forecast(hour))).toBeCloseTo(0.8, 12)
    expect(sdOf(ewma(aState(), { shrinkHigh: 0.8 }).forecast(day))).toBe(sdOf(ewma(aState()).forecast(day)))
  })

  it('keeps a day within its cap and above the floor', () => {
    expect(sdOf(ewma(aState({ variance: 1 })).forecast(day))).toBeCloseTo(0.1, 12)
    expect(sdOf(ewma(aState({ variance: 1e-30 })).forecast(day))).toBeCloseTo(
      Math.sqrt(varianceFloor('BTC') * 1_440),
      12,
    )
  })

  it('says when the cap made it calmer than the minutes are', () => {
    expect(ewma(aState({ variance: 1 })).forecast(day)).toMatchObject({ isCapped: true })
    expect(ewma(aState()).forecast(day)).toMatchObject({ isCapped: false })
  })

  it('has the tails of its parameters, which do not widen the step', () => {
    expect(tailsOf(ewma(aState()).forecast(day))).toEqual({ kind: 'student', degreesOfFreedom: 6 })
    expect(tailsOf(ewma(aState(), { df: 200 }).forecast(day))).toEqual({ kind: 'normal' })
    expect(sdOf(ewma(aState(), { df: 3 }).forecast(day))).toBe(sdOf(ewma(aState()).forecast(day)))
  })

  it('gives no answer from a default', () => {
    expect(ewma(undefined).forecast(day)).toMatchObject({ ok: false })
    expect(ewma(aState({ isDegraded: true })).forecast(day)).toMatchObject({ ok: false })
  })
})

describe('LastSigmaModel', () => {
  const answerFor = (read: () => EwmaState | undefined, asset = 'BTC') =>
    new LastSigmaModel(read, typicalHourlySd).forecast({ ...hour, asset })

  it('continues with the last known values, however old', () => {
    expect(sdOf(answerFor(() => aState({ lastCloseAtMs: 1 })))).toBeCloseTo(Math.sqrt(4e-7 * 60), 12)
  })

  it.each([
    ['nothing', () => undefined],
    ['a default', () => aState({ isDegraded: true, variance: 1 })],
    ['NaN', () => aState({ variance: Number.NaN })],
    ['zero', () => aState({ variance: 0 })],
    [
      'an exception',
      () => {
        throw new Error('store')
      },
    ],
  ])('takes what is typical of the asset where there is %s', (_name, read) => {
    expect(sdOf(answerFor(read))).toBeCloseTo(0.00541, 12)
  })

  it('answers for an asset that nobody has heard of, and says that it is degraded', () => {
    const answer = answerFor(() => undefined, 'NEW')
    expect(answer).toMatchObject({ ok: true, isDegraded: true })
    expect(sdOf(answer)).toBeGreaterThan(0)
  })

  it('is not carried away by a damaged state', () => {
    expect(sdOf(answerFor(() => aState({ variance: 1e9 })))).toBeLessThan(0.06)
  })
})

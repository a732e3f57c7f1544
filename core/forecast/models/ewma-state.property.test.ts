import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { minuteMs } from '#core/base/time/units'
import { advanceEwma, bootstrapEwma, type EwmaState, withLambda } from './ewma-state.ts'

const floor = 1e-8
const close = fc.double({ min: 1e-6, max: 1e7, noNaN: true })
const minutes = fc.integer({ min: 1, max: 10_000 })
const lambda = fc.double({ min: 0.5, max: 0.999, noNaN: true })
const variance = fc.double({ min: floor, max: 1e-3, noNaN: true })

function stateWith(over: Partial<EwmaState> = {}): EwmaState {
  return {
    version: 1,
    asset: 'BTC',
    variance: 1e-6,
    lastClose: 100,
    lastCloseAtMs: 0,
    lambda: 0.94,
    isDegraded: false,
    ...over,
  }
}

describe('advanceEwma', () => {
  it('is the classic rule after one minute', () => {
    fc.assert(
      fc.property(close, variance, lambda, (next, before, weight) => {
        const advanced = advanceEwma(stateWith({ variance: before, lambda: weight }), next, 60_000, floor)
        const change = Math.log(next / 100)
        const classic = Math.max(weight * before + (1 - weight) * change ** 2, floor)
        expect(advanced.variance).toBeCloseTo(classic, 12)
      }),
    )
  })
  it('never falls below the floor and never becomes NaN', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(close, minutes), { maxLength: 30 }), lambda, (points, weight) => {
        let state = stateWith({ lambda: weight })
        for (const [next, gap] of points) {
          state = advanceEwma(state, next, state.lastCloseAtMs + gap * minuteMs, floor)
          expect(state.variance).toBeGreaterThanOrEqual(floor)
          expect(Number.isFinite(state.variance)).toBe(true)
        }
      }),
    )
  })
  it('rises with the size of the move', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        minutes,
        (a, b, gap) => {
          const varianceAfter = (move: number) =>
            advanceEwma(stateWith(), 100 * Math.exp(move), gap * minuteMs, floor).variance
          expect(varianceAfter(Math.max(a, b))).toBeGreaterThanOrEqual(varianceAfter(Math.min(a, b)))
        },
      ),
    )
  })
  it('forgets as much in one step of n minutes as in n quiet steps of one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), lambda, (gap, weight) => {
        let step = stateWith({ lambda: weight })
        for (let i = 1; i <= gap; i += 1) step = advanceEwma(step, 100, i * minuteMs, 1e-30)
        const leap = advanceEwma(stateWith({ lambda: weight }), 100, gap * minuteMs, 1e-30)
        expect(Math.abs(leap.variance / step.variance - 1)).toBeLessThan(1e-9)
      }),
    )
  })
  it.each([Number.NaN, 0, -1, Number.POSITIVE_INFINITY])('passes over a close of %d', (bad) => {
    expect(advanceEwma(stateWith(), bad, 60_000, floor)).toEqual(stateWith())
  })
  it('passes over closes that are not newer', () => {
    expect(advanceEwma(stateWith(), 101, 0, floor)).toEqual(stateWith())
    expect(advanceEwma(stateWith(), 101, -60_000, floor)).toEqual(stateWith())
  })
  it('takes a tuned lambda from the next minute on', () => {
    const tuned = advanceEwma(withLambda(stateWith(), 0.5), 101, 60_000, floor)
    expect(tuned.variance).toBeCloseTo(0.5 * 1e-6 + 0.5 * Math.log(1.01) ** 2, 12)
  })
})

describe('bootstrapEwma', () => {
  const start = { asset: 'BTC', lambda: 0.94, defaultVariance: 5e-6, floor }
  it('is the mean squared return of a minute', () => {
    const closes = Array.from({ length: 100 }, (_, i) => ({
      close: 100 * Math.exp(i % 2 === 0 ? 0 : 0.001),
      atMs: i * minuteMs,
    }))
    const state = bootstrapEwma(start, closes)
    expect(state?.variance).toBeCloseTo(1e-6, 12)
    expect(state?.isDegraded).toBe(false)
  })
  it('marks a default as degraded', () => {
    expect(bootstrapEwma(start, [{ close: 100, atMs: 0 }])).toMatchObject({ variance: 5e-6, isDegraded: true })
    expect(bootstrapEwma(start, [])).toBeUndefined()
  })
})

import { expect, it } from 'vitest'
import { SplitMix64 } from '#core/base/random/rng'
import { exp, largestExponent, log, power } from './elementary.ts'

const rng = new SplitMix64(5n)
const uniform = (from: number, to: number) => from + (to - from) * rng.next()

it('agrees with the exponential of the language to a few units of the last place', () => {
  for (let i = 0; i < 20_000; i += 1) {
    const x = uniform(-50, 50)
    expect(Math.abs(exp(x) / Math.exp(x) - 1)).toBeLessThan(8e-16)
  }
  expect(exp(0)).toBe(1)
})

it('holds the exponent where the result is a normal double', () => {
  expect(exp(1e9)).toBe(exp(largestExponent))
  expect(exp(-1e9)).toBe(exp(-largestExponent))
  expect(exp(Number.NEGATIVE_INFINITY)).toBeGreaterThan(0)
})

it('agrees with the logarithm of the language', () => {
  for (let i = 0; i < 20_000; i += 1) {
    const x = Math.exp(uniform(-700, 700))
    expect(Math.abs(log(x) - Math.log(x))).toBeLessThanOrEqual(1e-15 * Math.max(1, Math.abs(Math.log(x))))
  }
  expect(log(1)).toBe(0)
  expect(power(2, 0.5)).toBeCloseTo(Math.SQRT2, 14)
})

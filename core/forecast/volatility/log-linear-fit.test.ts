import { describe, expect, it } from 'vitest'
import { SplitMix64 } from '#core/base/random/rng'
import { fitLogLinear } from './log-linear-fit.ts'

function rowsOf(truth: readonly number[], count: number) {
  const rng = new SplitMix64(5n)
  const regressors = new Float64Array(count * truth.length)
  const targets = new Float64Array(count)
  for (let row = 0; row < count; row += 1) {
    let exponent = 0
    for (let j = 0; j < truth.length; j += 1) {
      const x = j === 0 ? 1 : 2 * rng.next() - 1
      regressors[row * truth.length + j] = x
      exponent += x * truth[j]!
    }
    targets[row] = -Math.log(1 - rng.next()) * Math.exp(exponent)
  }
  return { regressors, width: truth.length, targets }
}

describe('fitLogLinear', () => {
  it('finds the coefficients behind exponential data', () => {
    const fitted = fitLogLinear(rowsOf([0.7, 0.5, -0.2], 40_000), [0, 0, 0], 0)
    ;[0.7, 0.5, -0.2].forEach((value, j) => {
      expect(fitted[j]).toBeCloseTo(value, 1)
    })
  })
  it('stays with the prior when there is hardly any data, but always follows the level', () => {
    const fitted = fitLogLinear(rowsOf([3, 0.9, 0.9], 30), [0, 0.2, 0.1], 1e6)
    expect(fitted[1]).toBeCloseTo(0.2, 4)
    expect(fitted[2]).toBeCloseTo(0.1, 4)
    expect(fitted[0]).toBeGreaterThan(2)
  })
  it('comes back from a prior that is far away', () => {
    expect(fitLogLinear(rowsOf([-8, 0.5], 5_000), [9, 0], 1e-6)[0]).toBeCloseTo(-8, 0)
  })
})

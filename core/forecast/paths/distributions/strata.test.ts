import { expect, it } from 'vitest'
import { normalStrata, varianceStrata } from './strata.ts'

const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length

it.each([1000, 1001, 4096])('stands for a normal law of variance 1 with %i strata', (count) => {
  const strata = normalStrata(count)
  expect(mean(strata)).toBeCloseTo(0, 12)
  expect(mean(strata.map((x) => x * x))).toBeCloseTo(1, 12)
  expect(strata).toEqual(strata.slice().sort())
})

it('keeps the fourth moment of a normal law to a few per cent', () => {
  expect(mean(normalStrata(4096).map((x) => x ** 4))).toBeCloseTo(3, 1)
})

it.each([2.2, 3, 4.5, 30])('makes Student-t of %d degrees of freedom from variances of mean 1', (degreesOfFreedom) => {
  const strata = varianceStrata({ kind: 'student', degreesOfFreedom }, 1024)!
  expect(mean(strata)).toBeCloseTo(1, 12)
  expect(strata).toEqual(strata.slice().sort())
  expect(strata[0]).toBeGreaterThan(0)
})

it('splits the strata of a mixture by weight', () => {
  const components = [
    { weight: 1, scale: 3 },
    { weight: 2, scale: 1 },
  ]
  const strata = varianceStrata({ kind: 'mixture', components }, 1024)!
  expect(mean(strata)).toBeCloseTo(1, 12)
  // Variances 9 and 1 with weights 1/3 and 2/3: a mean of 11/3.
  expect(strata[0]).toBeCloseTo(3 / 11, 12)
  expect(strata[1023]).toBeCloseTo(27 / 11, 12)
})

it('has none for normal tails, whose variance is not random', () => {
  expect(varianceStrata({ kind: 'normal' }, 1024)).toBeUndefined()
})

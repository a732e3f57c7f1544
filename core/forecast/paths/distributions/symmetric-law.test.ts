import { describe, expect, it } from 'vitest'
import { upperQuantile } from './quantile.ts'
import { lawOf, type SymmetricLaw } from './symmetric-law.ts'

const normal = lawOf({ kind: 'normal' })
const student = (degreesOfFreedom: number) => lawOf({ kind: 'student', degreesOfFreedom })
const mixture = lawOf({
  kind: 'mixture',
  components: [
    { weight: 3, scale: 10 },
    { weight: 1, scale: 25 },
  ],
})

/** Simpson's rule on [0, 400] with a finer grid near zero. */
function secondMoment(law: SymmetricLaw): number {
  const count = 40_000
  let sum = 0
  for (let i = 0; i <= count; i += 1) {
    const u = i / count
    const x = 400 * u ** 3
    const weight = i === 0 || i === count ? 1 : i % 2 === 1 ? 4 : 2
    sum += weight * x * x * law.density(x) * 1200 * u * u
  }
  return (2 * sum) / (3 * count)
}

describe('quantiles from tables of statistics', () => {
  it('of the normal law', () => {
    expect(upperQuantile(normal, 0.025)).toBeCloseTo(1.959963984540054, 12)
    expect(upperQuantile(normal, 1e-9)).toBeCloseTo(5.997807015007686, 10)
    expect(normal.upperTail(1)).toBeCloseTo(0.15865525393145707, 14)
  })

  it.each([
    [3, 0.025, 3.182446305283709],
    [4, 0.025, 2.776445105197793],
    [4, 0.0005, 8.61030158137927],
    [5, 0.005, 4.032142983555228],
    [30, 0.05, 1.697260886593957],
  ])('of Student-t with %d degrees of freedom at %d, brought to variance 1', (degrees, tail, quantile) => {
    const scaled = quantile * Math.sqrt((degrees - 2) / degrees)
    expect(upperQuantile(student(degrees), tail)).toBeCloseTo(scaled, 10)
  })
})

it.each([
  ['normal', normal, 1e-9],
  ['Student-t of 6', student(6), 1e-5],
  ['mixture', mixture, 1e-9],
] as const)('has variance 1: %s', (_, law, tolerance) => {
  expect(Math.abs(secondMoment(law) - 1)).toBeLessThan(tolerance)
})

it.each([
  ['normal', normal],
  ['Student-t of 2.5', student(2.5)],
  ['mixture', mixture],
] as const)('finds its quantiles again in its tail: %s', (_, law) => {
  for (const probability of [0.499, 0.3, 0.1, 1e-2, 1e-4, 1e-7, 1e-10]) {
    expect(law.upperTail(upperQuantile(law, probability)) / probability).toBeCloseTo(1, 9)
  }
})

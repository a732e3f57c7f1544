import { expect, it } from 'vitest'
import { fewDaysFactor, studentWidth } from './small-sample.ts'

// Student's t at 97.5 % and 99.5 %, from tables.
it.each([
  [1, 12.706, 63.657],
  [2, 4.303, 9.925],
  [3, 3.182, 5.841],
  [4, 2.776, 4.604],
  [6, 2.447, 3.707],
  [9, 2.262, 3.25],
  [29, 2.045, 2.756],
  [1_000, 1.962, 2.581],
] as const)("knows Student's widths with %d degrees of freedom", (freedom, at95, at99) => {
  expect(studentWidth(0.95, freedom) / at95).toBeCloseTo(1, 3)
  expect(studentWidth(0.99, freedom) / at99).toBeCloseTo(1, 3)
})

it('goes through degrees of freedom that are not whole without a step', () => {
  for (let freedom = 1.1; freedom < 8; freedom += 0.1) {
    expect(studentWidth(0.95, freedom)).toBeLessThan(studentWidth(0.95, freedom - 0.1))
  }
})

it('widens most where days are few, and nothing where they are many', () => {
  const factor = (days: number, blockDays: number) => fewDaysFactor({ days, blockDays, level: 0.95 })
  // Of single days it is the exact interval of their mean: t of six degrees, and the deviation by six instead of seven.
  expect(factor(7, 1)).toBeCloseTo((2.447 / 1.96) * Math.sqrt(7 / 6), 3)
  expect(factor(7, 2)).toBeGreaterThan(factor(7, 1))
  expect(factor(14, 2)).toBeLessThan(factor(7, 2))
  expect(factor(10_000, 2)).toBeCloseTo(1, 3)
})

import { expect, it } from 'vitest'
import { smallSampleFactor } from './small-sample.ts'

// Student's t at 97.5 % and 99.5 %, from tables.
it.each([
  [4, 0.95, 2.776, 1.96],
  [9, 0.95, 2.262, 1.96],
  [29, 0.95, 2.045, 1.96],
  [4, 0.99, 4.604, 2.576],
  [9, 0.99, 3.25, 2.576],
] as const)('widens by Student with %d degrees of freedom at %d', (freedom, level, student, normal) => {
  const exact = (student / normal) * Math.sqrt((freedom + 1) / freedom)
  expect(Math.abs(smallSampleFactor(freedom + 1, level) / exact - 1)).toBeLessThan(0.015)
})
it('widens nothing where there are many blocks', () => {
  expect(smallSampleFactor(10_000, 0.95)).toBeCloseTo(1, 3)
})

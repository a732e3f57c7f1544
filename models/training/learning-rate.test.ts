import { expect, it } from 'vitest'
import { learningRateAt } from './learning-rate.ts'

const config = { learningRate: 2, schedule: 'cosine', warmUp: 3, finalRate: 0.1, steps: 14 } as const

it('rises in the warm-up, falls along a cosine and ends at its last share', () => {
  const rates = Array.from({ length: 14 }, (_, step) => learningRateAt(step, config))
  expect(rates.slice(0, 4)).toEqual([0.5, 1, 1.5, 2])
  expect(rates[8]).toBeCloseTo(2 * (0.1 + 0.9 / 2), 12)
  expect(rates.at(-1)).toBeCloseTo(0.2, 12)
})

it('stays where it is after the warm-up', () => {
  expect(learningRateAt(13, { ...config, schedule: 'constant' })).toBe(2)
  expect(learningRateAt(0, { ...config, warmUp: 0, steps: 1 })).toBe(2)
})

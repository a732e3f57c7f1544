import { expect, it } from 'vitest'
import { horizonLabel, horizonOf, horizonSeconds, horizons } from './horizon.ts'

it('takes what is no longer than an hour for high, all else for low', () => {
  expect([60, 3_600, 3_601, 86_400, 604_800].map(horizonOf)).toEqual(['high', 'high', 'low', 'low', 'low'])
})

it('gives each horizon the length that is asked for and the name that people use', () => {
  expect(horizons.map((horizon) => horizonOf(horizonSeconds[horizon]))).toEqual(horizons)
  expect(horizons.map(horizonLabel)).toEqual(['24h', '1h'])
})

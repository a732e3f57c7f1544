import { describe, expect, it } from 'vitest'
import { referenceHourlySd } from '#core/synth/regimes/table/reference-sds'
import { defaultParameters } from './default-parameters.ts'
import { seedDefaults, seedVarianceFloor } from './seed-defaults.ts'
import { varianceFloor } from './variance-floor.ts'

describe('varianceFloor', () => {
  it('is near the older floor for BTC, and a twelfth of it for an index', () => {
    expect(varianceFloor('BTC')).toBeCloseTo(seedVarianceFloor, 9)
    expect(varianceFloor('SP500')).toBeLessThan(seedVarianceFloor / 12)
  })

  it('has the same distance from what is typical, 7 times in standard deviation, for every known asset', () => {
    for (const [asset, hourlySd] of Object.entries(referenceHourlySd)) {
      expect(hourlySd / Math.sqrt(60) / Math.sqrt(varianceFloor(asset)), asset).toBeCloseTo(Math.sqrt(50), 9)
    }
  })

  it('of an unknown asset is below that of every known one, and above 0', () => {
    const known = Object.keys(referenceHourlySd).map(varianceFloor)
    expect(varianceFloor('DOGE')).toBeGreaterThan(0)
    expect(varianceFloor('DOGE')).toBeLessThan(Math.min(...known))
  })
})

it('SP500 inherits the numbers of SPYX, whose place it took', () => {
  expect(seedDefaults('SP500')).toEqual(seedDefaults('SPYX'))
  expect(defaultParameters('SP500')).toMatchObject({ lambda: 0.98, df: 30, sigmaCapDaily: 0.02 })
})

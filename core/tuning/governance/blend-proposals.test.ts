import { describe, expect, it } from 'vitest'
import type { AssetParameters } from '#core/forecast/parameters/asset-parameters'
import { defaultParameters } from '#core/forecast/parameters/default-parameters'
import { questionOf, type Step, stepsTo } from './blend-proposals.ts'

const fresh = defaultParameters('BTC')
const blended: AssetParameters = {
  ...fresh,
  champion: { ...fresh.champion, low: 'blend' },
  blend: { ...fresh.blend, low: { calibrated: 0.9, ewma: 0.1 } },
}
const steps = (fitted: Record<string, number>, parameters: AssetParameters, isServed: boolean) =>
  stepsTo(fitted, parameters, { horizon: 'low', isServed, step: 0.1 }).map(({ parameter, value }) => [
    parameter.name,
    value,
  ])

describe('stepsTo', () => {
  it('sets shares that serve nobody yet at once, and makes the blend champion', () => {
    expect(steps({ calibrated: 0.6, ewma: 0, seed: 0.4 }, fresh, false)).toEqual([
      ['blend_low', 'calibrated=0.6,seed=0.4'],
      ['champion_low', 'blend'],
    ])
    const prepared = { ...blended, champion: fresh.champion }
    expect(steps({ calibrated: 0.9, ewma: 0.1 }, prepared, false)).toEqual([['champion_low', 'blend']])
  })
  it('makes one model champion where the fit leaves only one, and nothing of the one that serves', () => {
    expect(steps({ calibrated: 0, ewma: 1 }, fresh, false)).toEqual([['champion_low', 'ewma']])
    expect(steps({ calibrated: 1, ewma: 0 }, fresh, false)).toEqual([])
  })
  it('moves shares that serve by one step at most, all on one line', () => {
    expect(steps({ calibrated: 0.85, ewma: 0.15 }, blended, true)).toEqual([['blend_low', 'calibrated=0.85,ewma=0.15']])
    expect(steps({ calibrated: 0.5, ewma: 0.3, seed: 0.2 }, blended, true)).toEqual([
      ['blend_low', 'calibrated=0.8,ewma=0.15,seed=0.05'],
    ])
    expect(steps({ calibrated: 0.9, ewma: 0.1 }, blended, true)).toEqual([])
  })
})

describe('questionOf', () => {
  it('measures all steps together against what is in force', () => {
    const toBlend = stepsTo({ calibrated: 0.6, ewma: 0.4 }, fresh, { horizon: 'low', isServed: false, step: 0.1 })
    expect(questionOf('BTC', fresh, toBlend as [Step])).toMatchObject({
      change: { parameter: 'champion_low', oldValue: 'calibrated', newValue: 'blend', after: 'blend' },
      horizons: ['low'],
      oldParameters: fresh,
      newParameters: { champion: { low: 'blend' }, blend: { low: { calibrated: 0.6, ewma: 0.4 } } },
    })
  })
})

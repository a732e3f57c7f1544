import { describe, expect, it } from 'vitest'
import { championModels } from '#core/forecast/models/model-names'
import { defaultParameters } from '#core/forecast/parameters/default-parameters'
import { currentValue, sameSlot, slotWith, withSlot } from './change-parameters.ts'
import { findParameter, limitsOf, parameterNames, readValue, toParameter } from './parameter-catalogue.ts'

const parameter = (name: string) => {
  const found = findParameter(name, championModels)
  if (!found.ok) throw new Error(`no parameter ${name}`)
  return found.parameter
}

describe('findParameter', () => {
  it('finds every name that it lists', () => {
    for (const name of parameterNames(championModels)) expect(findParameter(name, championModels).ok, name).toBe(true)
  })
  it.each([
    ['lamda', 'lambda'],
    ['sigma_cap', 'sigma_cap_daily'],
    ['blend_low.calibratd', 'blend_low.calibrated'],
    ['champion', 'champion_low'],
    ['sigmaCapDaily', 'sigma_cap_daily'],
  ])('takes %s for a misspelt %s', (text, nearest) => {
    expect(findParameter(text, championModels)).toMatchObject({ ok: false, nearest })
  })
  it('knows the weight of a model that is a file, once it is installed', () => {
    expect(findParameter('blend_high.onnx:hour', championModels).ok).toBe(false)
    expect(findParameter('blend_high.onnx:hour', [...championModels, 'onnx:hour'])).toMatchObject({ ok: true })
  })
  it('puts no blend into a blend', () => {
    expect(findParameter('blend_low.blend', championModels).ok).toBe(false)
  })
})

describe('limitsOf', () => {
  it('gives the previous bounds and steps', () => {
    expect(limitsOf('BTC', parameter('lambda'))).toEqual({ min: 0.8, max: 0.99, step: 0.01 })
    expect(limitsOf('BTC', parameter('df'))).toEqual({ min: 3, max: 50, step: 1 })
    expect(limitsOf('BTC', parameter('sigma_cap_daily'))).toEqual({ min: 0.01, max: 0.2, step: 0.01 })
    expect(limitsOf('BTC', parameter('shrink_high'))).toMatchObject({ max: 100, step: 0.1 })
  })
  it("takes the operator's own for one asset, and leaves the others", () => {
    const own = { XAU: { df: { min: 8, step: 2 } } }
    expect(limitsOf('XAU', parameter('df'), own)).toEqual({ min: 8, max: 50, step: 2 })
    expect(limitsOf('BTC', parameter('df'), own)).toEqual({ min: 3, max: 50, step: 1 })
  })
  it('has none for a champion', () => {
    expect(limitsOf('BTC', parameter('champion_low'))).toBeUndefined()
  })
})

describe('readValue', () => {
  it.each(['0.93', '.93', '93e-2', '+0.93'])('reads %s', (text) => {
    expect(readValue(parameter('lambda'), text, championModels)).toEqual({ ok: true, value: 0.93 })
  })
  it.each(['', ' ', '0,93', 'NaN', 'Infinity', '0x1', '1 2'])('refuses "%s"', (text) => {
    expect(readValue(parameter('lambda'), text, championModels).ok).toBe(false)
  })
  it('reads the shares of a blend, in one order and without those of nothing', () => {
    const read = (text: string) => readValue(parameter('blend_low'), text, championModels)
    expect(read('ewma=0.3, calibrated=.7,seed=0')).toEqual({ ok: true, value: 'calibrated=0.7,ewma=0.3' })
    expect(read('calibrated=1')).toEqual({ ok: true, value: 'calibrated=1' })
  })
  it.each([
    ['calibrated=0.7', 'must add up to 1; these add up to 0.7'],
    ['calibrated=0.7,ewma=0,3', '"3" is not part of one'],
    ['calibrated=0.7,calibrated=0.3', '"calibrated=0.3" is not part of one'],
    ['calibrated=1.5,ewma=-0.5', '"calibrated=1.5" is not part of one'],
    ['calibrated=', '"calibrated=" is not part of one'],
    ['0.5', '"0.5" is not part of one'],
    ['blend=0.5,ewma=0.5', 'no model blend for a blend'],
    ['__proto__=0.5,ewma=0.5', 'no model __proto__ for a blend'],
  ])('refuses the shares %s', (text, problem) => {
    expect(readValue(parameter('blend_high'), text, championModels)).toMatchObject({
      ok: false,
      problem: expect.stringContaining(problem) as string,
    })
  })
  it('names the nearest model for a misspelt one', () => {
    expect(readValue(parameter('champion_high'), 'calibated', championModels)).toMatchObject({
      ok: false,
      problem: expect.stringContaining('Did you mean calibrated?') as string,
    })
  })
})

describe('slots', () => {
  const fresh = defaultParameters('BTC')
  it('holds what it is given, and nothing else moves', () => {
    for (const name of [
      'lambda',
      'df',
      'sigma_cap_daily',
      'shrink_high',
      'champion_low',
      'champion_high',
      'blend_low',
    ]) {
      const value = name.startsWith('champion') ? 'ewma' : name.startsWith('blend') ? 'ewma=0.5,seed=0.5' : 7
      const changed = withSlot(fresh, toParameter(name)!, slotWith(fresh, toParameter(name)!, value)!)
      expect(currentValue(changed, toParameter(name)!)).toBe(value)
      for (const other of parameterNames(championModels).filter((one) => one !== name && !one.startsWith(`${name}.`))) {
        expect(currentValue(changed, toParameter(other)!)).toBe(currentValue(fresh, toParameter(other)!))
      }
    }
  })
  it('reduces the others of a blend in proportion, so that the weights sum to one', () => {
    const first = slotWith(fresh, parameter('blend_low.ewma'), 0.1)!
    expect(first).toEqual({ calibrated: 0.9, ewma: 0.1 })
    const second = slotWith(withSlot(fresh, parameter('blend_low.ewma'), first), parameter('blend_low.seed'), 0.1)
    expect(second).toEqual({ calibrated: 0.81, ewma: 0.09, seed: 0.1 })
  })
  it('drops a model of weight 0, and knows that the last one cannot shrink alone', () => {
    const both = withSlot(fresh, parameter('blend_low.ewma'), { calibrated: 0.9, ewma: 0.1 })
    expect(slotWith(both, parameter('blend_low.ewma'), 0)).toEqual({ calibrated: 1 })
    expect(slotWith(fresh, parameter('blend_low.calibrated'), 0.9)).toBeUndefined()
  })
  it('compares blends by their weights, not by their order', () => {
    expect(sameSlot({ a: 0.5, b: 0.5 }, { b: 0.5, a: 0.5 })).toBe(true)
    expect(sameSlot({ a: 1 }, { a: 1, b: 0 })).toBe(true)
    expect(sameSlot({ a: 1 }, { a: 0.9, b: 0.1 })).toBe(false)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toEpochMs, toPrice, toPriceFromMantissa } from './price-number.ts'

describe('toPrice', () => {
  it('lets nothing pass that is not finite and positive, whatever it is given', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const price = toPrice(value)
        return price === undefined || (Number.isFinite(price) && price > 0)
      }),
    )
  })

  it('reads decimal text to the nearest double, as the validator does', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 ** 9 }), fc.integer({ min: 0, max: 9 }), (whole, decimals) => {
        const text = (whole / 10 ** decimals).toFixed(decimals)
        expect(toPrice(text)).toBe(Number.parseFloat(text) === 0 ? undefined : Number.parseFloat(text))
      }),
    )
  })

  it.each([
    '0',
    '-1',
    'NaN',
    'Infinity',
    '1e400',
    '1e-400',
    '0x10',
    ' 1',
    '1,5',
    '',
    '1_0',
    null,
    true,
    [1],
    {},
    1e300,
    -0,
  ])('refuses %j', (value) => {
    expect(toPrice(value)).toBeUndefined()
  })
})

describe('toPriceFromMantissa', () => {
  it('places the decimal point without a second rounding', () => {
    expect(toPriceFromMantissa('9406378000000', -8)).toBe(94063.78)
    expect(toPriceFromMantissa('33223750', -5)).toBe(332.2375)
  })

  it.each([
    ['1', 300],
    ['1', undefined],
    ['1', '-8'],
    ['1', -8.5],
    ['-1', -8],
    ['0', -8],
    ['1e5', 0],
    [1, 0],
  ])('refuses mantissa %j with exponent %j', (mantissa, exponent) => {
    expect(toPriceFromMantissa(mantissa, exponent)).toBeUndefined()
  })
})

describe('toEpochMs', () => {
  it('converts seconds once and refuses fractions, text and impossible sizes', () => {
    expect(toEpochMs(1_735_645_930, 'seconds')).toBe(1_735_645_930_000)
    expect(toEpochMs(1_735_645_930_000, 'milliseconds')).toBe(1_735_645_930_000)
    for (const value of [1.5, '1735645930', -1, 0, Number.NaN, 1e18])
      expect(toEpochMs(value, 'seconds')).toBeUndefined()
  })
})

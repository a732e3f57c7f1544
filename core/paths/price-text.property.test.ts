import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maxPriceTextBytes, writePrice } from './price-text.ts'

function textOf(price: number): string | undefined {
  const target = new Uint8Array(20)
  const end = writePrice(target, 3, price)
  return end < 0 ? undefined : Buffer.from(target.subarray(3, end)).toString()
}

/** Python's str() of the value a JSON reader would make of the token, for the range that is written here. */
function pythonText(token: string): string {
  if (!token.includes('.')) return token
  const value = Number(token)
  const [mantissa = '', exponent = ''] = value.toExponential().split('e')
  if (Number(exponent) >= -4) return String(value)
  return `${mantissa}e-${String(-Number(exponent)).padStart(2, '0')}`
}

// Evenly over the orders of magnitude, and with many nines, where rounding carries.
const prices = fc.oneof(
  fc.double({ min: -6.9, max: 7.999, noNaN: true }).map((exponent) => 10 ** exponent),
  fc
    .tuple(fc.integer({ min: -7, max: 8 }), fc.integer({ min: 1, max: 12 }))
    .map(([power, nines]) => (1 - 10 ** -nines) * 10 ** power),
  fc.integer({ min: 1, max: 99_999_999 }),
)

describe('writePrice', () => {
  it('writes what both digit rules accept, as near to the price as they allow', () => {
    fc.assert(
      fc.property(prices, (price) => {
        const text = textOf(price)
        if (text === undefined) {
          expect(price < 0.000_000_05 || price >= 99_999_999.5).toBe(true)
          return
        }
        expect(text).toMatch(/^(?:0|[1-9][0-9]*)(?:[.][0-9]*[1-9])?$/)
        expect(text.length).toBeLessThanOrEqual(maxPriceTextBytes)
        const value = Number(text)
        expect(value).toBeGreaterThan(0)
        expect(pythonText(text).replaceAll('.', '').length).toBeLessThanOrEqual(8)
        expect(Number(value.toExponential(7))).toBe(value)
        const wholeDigits = Math.max(1, Math.floor(price).toString().length)
        expect(Math.abs(value - price)).toBeLessThanOrEqual(0.500_001 * 10 ** (wholeDigits - 8))
      }),
      { numRuns: 5_000 },
    )
  })

  it.each([
    [103_251.37, '103251.37'],
    [103_251.375, '103251.38'],
    [9.999_999_96, '10'],
    [99_999.999_9, '100000'],
    [0.123_456_78, '0.1234568'],
    [0.000_000_1, '0.0000001'],
    [12_345_678, '12345678'],
    [12_345_678.9, '12345679'],
    [1, '1'],
    [100.25, '100.25'],
  ])('writes %d as %s', (price, text) => {
    expect(textOf(price)).toBe(text)
  })

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e8, 99_999_999.6, 0.000_000_04])('refuses %d', (price) => {
    expect(textOf(price)).toBeUndefined()
  })
})

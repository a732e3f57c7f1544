import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseDecimal } from './decimal.ts'

const encoder = new TextEncoder()
const parse = (text: string) => {
  const bytes = encoder.encode(`xx${text}yy`)
  return parseDecimal(bytes, 2, bytes.length - 2)
}

it('reads every finite positive float64 back bit for bit', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(Object.is(parse(String(value)), value)).toBe(true)
    }),
    { numRuns: 5_000 },
  )
})
it('agrees with the language on decimals of every length', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9]{1,20}([.][0-9]{1,20})?$/), (text) => {
      expect(parse(text)).toBe(Number(text))
    }),
    { numRuns: 5_000 },
  )
})
it('takes nothing else for a number', () => {
  for (const text of [
    '',
    '.',
    '1.',
    '.5',
    '-1',
    '+1',
    '1e',
    'NaN',
    'Infinity',
    '0x10',
    '1,5',
    '1.2.3',
    ' 1',
    '1_000',
    '٣',
  ]) {
    expect(parse(text), text).toBeNaN()
  }
})

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readJson } from './answer-json.ts'
import { elementsOf, numberAt, plainValueAt } from './json-tape.ts'

it('reads what JSON.stringify writes', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.integer({ min: 0, max: 2 }), (value, indent) => {
      const text = JSON.stringify(value, null, indent)
      const reading = readJson(text)
      expect(reading.ok && plainValueAt(reading.tape, 0)).toEqual(JSON.parse(text))
    }),
  )
})

it('accepts and refuses the same texts as JSON.parse', () => {
  const pieces = [
    '[',
    ']',
    '{',
    '}',
    ',',
    ':',
    '"a"',
    '1',
    '-',
    '0',
    '.',
    '5',
    'e',
    '+',
    ' ',
    '\n',
    'true',
    'null',
    '\\',
  ]
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 12 }), (chosen) => {
      const text = chosen.join('')
      expect(readJson(text).ok).toBe(parses(text))
    }),
    { numRuns: 2000 },
  )
})

it('reads every decimal to the double that Number() reads', () => {
  const decimal = fc
    .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 18n }), fc.bigInt({ min: 0n, max: 10n ** 9n }), fc.nat(12))
    .map(([isNegative, whole, fraction, zeros]) => `${isNegative ? '-' : ''}${whole}.${'0'.repeat(zeros)}${fraction}`)
  fc.assert(
    fc.property(fc.array(decimal, { minLength: 1 }), (tokens) => {
      const reading = readJson(`[${tokens.join(',')}]`)
      if (!reading.ok) throw new Error(reading.problem.message)
      expect(elementsOf(reading.tape, 0).map((entry) => numberAt(reading.tape, entry))).toEqual(tokens.map(Number))
    }),
  )
})

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parsePythonFloat, pythonFloatText } from './python-number.ts'

it('reads back every double it wrote', () => {
  fc.assert(
    fc.property(fc.double(), (value) => {
      expect(parsePythonFloat(pythonFloatText(value))).toBe(value)
    }),
  )
})

it('always shows a float by a point, an exponent or a word', () => {
  fc.assert(fc.property(fc.double(), (value) => /[.einf]/.test(pythonFloatText(value))))
})

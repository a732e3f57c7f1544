import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readJson } from './answer-json.ts'
import { complaintAboutPoint, complaintAboutToken } from './digit-rule.ts'
import { pythonFloatText } from './python-number.ts'

const decimal = fc
  .tuple(fc.boolean(), fc.integer({ min: 0, max: 2 ** 31 - 1 }), fc.option(fc.stringMatching(/^[0-9]{1,9}$/)))
  .map(([isNegative, whole, fraction]) => `${isNegative ? '-' : ''}${whole}${fraction === null ? '' : `.${fraction}`}`)

it('judges a short decimal at a glance as it would in full', () => {
  fc.assert(
    fc.property(decimal, fc.constantFrom('chars8' as const, 'sigDigits8' as const), (token, rule) => {
      const reading = readJson(token)
      if (!reading.ok) throw new Error(reading.problem.message)
      expect(complaintAboutPoint(reading.tape, 0, rule)).toBe(complaintAboutToken(token, rule))
    }),
    { numRuns: 2000 },
  )
})

// Hence one formatter serves while validators with either rule are about.
it('accepts by significant digits every positive price that passes by characters', () => {
  const price = fc.oneof(
    fc.float({ min: Math.fround(1e-30), max: Math.fround(1e30), noNaN: true }),
    fc.integer({ min: 1, max: 99_999_999 }).chain((n) => fc.integer({ min: -12, max: 12 }).map((e) => n * 10 ** e)),
  )
  fc.assert(
    fc.property(price, (value) => {
      const token = pythonFloatText(value)
      fc.pre(value > 0 && complaintAboutToken(token, 'chars8') === null)
      expect(complaintAboutToken(token, 'sigDigits8')).toBeNull()
    }),
    { numRuns: 1000 },
  )
})

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { canonicalJson } from './canonical-json.ts'
import type { JsonValue } from './strict-json.ts'

it('writes what reads back as the same value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonicalJson(value as JsonValue))).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
})
it('does not depend on the order of names, at any depth', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.integer()), (names) => {
      const turned = Object.fromEntries(Object.entries(names).reverse())
      expect(canonicalJson({ inner: [turned] })).toBe(canonicalJson({ inner: [names] }))
    }),
  )
})
it('refuses a number that JSON cannot hold', () => {
  expect(() => canonicalJson([Number.NaN])).toThrow('JSON has no way to write NaN')
})

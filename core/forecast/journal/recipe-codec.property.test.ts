import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { PathRecipe } from './prediction-record.ts'
import { decodeRecipe, encodeRecipe } from './recipe-codec.ts'

// Every bit pattern counts, also those that no forecast should hold.
const double = fc.double()
const plain = { noNullPrototype: true } as const
const tails = fc.oneof(
  fc.constant({ kind: 'normal' } as const),
  double.map((degreesOfFreedom) => ({ kind: 'student', degreesOfFreedom }) as const),
  fc
    .array(fc.record({ weight: double, scale: double }, plain), { maxLength: 4 })
    .map((components) => ({ kind: 'mixture', components }) as const),
)
const factor = fc.record(
  { logSd: double, halfLifeSeconds: double, startLogSd: double },
  { requiredKeys: ['logSd', 'halfLifeSeconds'], noNullPrototype: true },
)
const process = fc.record(
  {
    stepSeconds: double,
    stepVariances: fc.array(double, { maxLength: 60 }).map((values) => Float64Array.from(values)),
    volatilityFactors: fc.array(factor, { maxLength: 3 }),
    tails,
  },
  plain,
)
const part = fc.record({ weight: double, process }, plain)
const arrangement = fc.oneof(
  fc.constant({ kind: 'independent' } as const),
  fc
    .array(fc.record({ name: fc.string({ unit: 'grapheme' }), seconds: double }, plain), { maxLength: 12 })
    .map((intervals) => ({ kind: 'structured', intervals }) as const),
)
const recipes = fc.record(
  {
    samplerVersion: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    forecast: fc.array(part, { minLength: 1, maxLength: 3 }),
    startPriceUsd: double,
    seed: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    arrangement,
    flatFirstPath: fc.boolean(),
  },
  plain,
) as unknown as fc.Arbitrary<PathRecipe>

it('gives back every recipe bit for bit', () => {
  fc.assert(
    fc.property(recipes, (recipe) => {
      // toStrictEqual tells -0 from 0 and takes NaN for NaN.
      expect(decodeRecipe(encodeRecipe(recipe))).toStrictEqual(recipe)
    }),
    { numRuns: 500 },
  )
})

it('refuses bytes that are cut, longer or of another format with a RangeError, never with half a recipe', () => {
  fc.assert(
    fc.property(recipes, fc.nat(), (recipe, at) => {
      const bytes = encodeRecipe(recipe)
      expect(() => decodeRecipe(bytes.subarray(0, at % bytes.length))).toThrow(RangeError)
      expect(() => decodeRecipe(Uint8Array.of(...bytes, 0))).toThrow(RangeError)
      expect(() => decodeRecipe(Uint8Array.of(9, ...bytes.subarray(1)))).toThrow(/format 9/)
    }),
  )
})

it('asks for no memory on the word of damaged bytes', () => {
  const recipe = fc.sample(recipes, { numRuns: 1, seed: 5 })[0]!
  const bytes = encodeRecipe(recipe)
  for (let at = 4; at < bytes.length; at += 1) {
    const damaged = bytes.slice()
    damaged.fill(0xff, at, at + 4)
    try {
      decodeRecipe(damaged)
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError)
    }
  }
})

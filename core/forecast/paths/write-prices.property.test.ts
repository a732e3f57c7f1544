import fc from 'fast-check'
import { expect, it } from 'vitest'
import { expectedPriceText, satisfiesCharacterRule, satisfiesSignificanceRule } from '#tests/support/answer-digits'
import { PathKernel } from './kernel/path-kernel.ts'
import { priceTextCapacity, roundToWritten, writePrices } from './write-prices.ts'

const kernel = new PathKernel()

/** Any size from 1e-6 to 1e7, evenly in its logarithm. */
const anyPrice = fc.double({ min: -6, max: 7, noNaN: true }).map((exponent) => 10 ** exponent)
/** Doubles next to the middle between two numbers that can be written. */
const nearTie = fc
  .tuple(
    fc.integer({ min: 10_000_000, max: 99_999_999 }),
    fc.integer({ min: 0, max: 7 }),
    fc.integer({ min: -2, max: 2 }),
  )
  .map(([digits, decimals, steps]) => {
    const price = (digits + 0.5) / 10 ** decimals
    return price * (1 + steps * 2 ** -52)
  })

it('writes every price as decimal arithmetic rounds it, by both rules, with both writers', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(anyPrice, nearTie), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 3 }),
      (row, pathCount) => {
        const values = Float64Array.from(Array.from({ length: pathCount }, () => row).flat())
        const text = { startAtSeconds: 1, stepSeconds: 60, pathCount, pointCount: row.length, values }
        const texts = [writePrices, kernel.writePrices.bind(kernel)].map((write) => {
          const target = new Uint8Array(priceTextCapacity(text))
          const result = write(target, 0, text)
          return result.ok ? new TextDecoder().decode(target.subarray(0, result.end)) : JSON.stringify(result)
        })
        const tokens = row.map(expectedPriceText)
        if (tokens.includes(undefined)) {
          expect(texts[0]).toContain('"ok":false')
        } else {
          for (const token of tokens) {
            expect(satisfiesCharacterRule(token!) && satisfiesSignificanceRule(token!) && Number(token) > 0).toBe(true)
          }
          const path = `[${tokens.join(',')}]`
          expect(texts[0]).toBe(`[1,60,${Array.from({ length: pathCount }, () => path).join(',')}]`)
        }
        expect(texts[1]).toBe(texts[0])
      },
    ),
    { numRuns: 3000 },
  )
})

it('reads back what a price was rounded to', () => {
  fc.assert(
    fc.property(fc.oneof(anyPrice, nearTie), (price) => {
      const text = expectedPriceText(price)
      expect(roundToWritten(price)).toBe(text === undefined ? undefined : Number(text))
    }),
    { numRuns: 3000 },
  )
})

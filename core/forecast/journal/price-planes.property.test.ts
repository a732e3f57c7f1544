import fc from 'fast-check'
import { expect, it } from 'vitest'
import { aServed } from '#tests/support/served-prediction'
import { PathKernel } from '../paths/kernel/path-kernel.ts'
import { fromPlanes, joinPlanes, type PricePlanes, toPlanes } from './price-planes.ts'
import { readOutput, type WrittenPrices } from './read-output.ts'

const kernel = new PathKernel()
const join = kernel.joinPlanes.bind(kernel)

const price = fc.tuple(fc.integer({ min: 1, max: 99_999_999 }), fc.integer({ min: 0, max: 7 })).map(([digits, n]) => {
  const text = String(digits).padStart(n + 1, '0')
  return n === 0 ? text : `${text.slice(0, -n)}.${text.slice(-n)}`
})
/** At most eight digits, a leading zero counted. */
const written = price.filter((text) => text.replace('.', '').length <= 8)

const outputs = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 40 }))
  .chain(([paths, points]) =>
    fc.array(fc.array(written, { minLength: points, maxLength: points }), { minLength: paths, maxLength: paths }),
  )

function read(rows: readonly (readonly string[])[]): WrittenPrices {
  const reading = readOutput(new TextEncoder().encode(`[1,60,${rows.map((row) => `[${row.join(',')}]`).join(',')}]`))
  if (!reading.ok) throw new Error(reading.detail)
  return reading.prices
}

it('gives back the doubles that a reader of the text gets, or says that it cannot', () => {
  fc.assert(
    fc.property(outputs, (rows) => {
      const packed = toPlanes(read(rows))
      const expected = rows.flat().map(Number)
      if (packed === undefined) {
        const finest = Math.max(...rows.flat().map((text) => text.split('.')[1]?.length ?? 0))
        expect(Math.max(...expected) * 10 ** finest).toBeGreaterThan(2 ** 30 * 0.999)
        return
      }
      for (const { values } of [fromPlanes(packed), joinPlanes(join, packed)]) {
        expect([...values].every((value, i) => Object.is(value, expected[i]))).toBe(true)
        expect(values.length).toBe(expected.length)
      }
    }),
    { numRuns: 300 },
  )
})

it.each([1e-6, 0.55, 9.9999, 99_990, 103_251.37, 1e7])('keeps real paths from %d on to the last bit', (priceUsd) => {
  const { outputJson } = aServed({ priceUsd, prompt: { pathCount: 50 } })
  const reading = readOutput(outputJson)
  if (!reading.ok) throw new Error(reading.detail)
  const expected = (JSON.parse(new TextDecoder().decode(outputJson)) as unknown[]).slice(2).flat() as number[]
  const packed = toPlanes(reading.prices)
  expect(packed).toBeDefined()
  expect([...fromPlanes(packed!).values]).toEqual(expected)
  expect([...joinPlanes(join, packed!).values]).toEqual(expected)
})

it('refuses planes that do not fit their shape', () => {
  const planes = [new Uint8Array(5)]
  for (const read of [fromPlanes, (packed: PricePlanes) => joinPlanes(join, packed)]) {
    expect(() => read({ pathCount: 2, pointCount: 3, decimals: 0, planes })).toThrow(RangeError)
    expect(() => read({ pathCount: 1, pointCount: 5, decimals: 9, planes })).toThrow(RangeError)
  }
})

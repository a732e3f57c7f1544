import { describe, expect, it } from 'vitest'
import { expectedPriceText, satisfiesCharacterRule, satisfiesSignificanceRule } from '#tests/support/answer-digits'
import { PathKernel } from './kernel/path-kernel.ts'
import { type PriceText, priceTextCapacity, roundToWritten, type WriteResult, writePrices } from './write-prices.ts'

const kernel = new PathKernel()
const writers = [
  ['reference', writePrices],
  ['kernel', (target: Uint8Array, offset: number, text: PriceText) => kernel.writePrices(target, offset, text)],
] as const

type Writer = (typeof writers)[number][1]

function textOf(values: readonly number[], pathCount: number): PriceText {
  return {
    startAtSeconds: 1_790_000_040,
    stepSeconds: 300,
    pathCount,
    pointCount: values.length / pathCount,
    values: Float64Array.from(values),
  }
}

function write(writer: Writer, text: PriceText, offset = 0): string | WriteResult {
  const target = new Uint8Array(offset + priceTextCapacity(text))
  const result = writer(target, offset, text)
  return result.ok ? new TextDecoder().decode(target.subarray(offset, result.end)) : result
}

/** Doubles at which something happens: ties, carries, edges of decades, both ends. */
const edges = [
  ...[1e-7, 5.0000001e-8, 1e-6, 1.234e-6, 1.2345e-5, 1e-4, 0.00012345, 0.09999999, 0.1, 0.12345678, 0.51234567],
  ...[0.99999994, 0.99999995, 0.99999996, 1, 1.5, 9.9999999, 9.99999995, 9.999999949999, 10, 99.9999995, 99.99999949],
  ...[
    100, 123.456785, 999.9999999, 1000.00005, 9999.99995, 12_345.6785, 99_999.9995, 100_000, 103_251.375, 103_251.365,
  ],
  ...[103_251.37, 999_999.995, 1e6, 1_234_567.85, 1_234_567.75, 9_999_999.95, 1e7, 12_345_678.5, 12_345_679.5],
  ...[99_999_999, 99_999_999.4999],
]

describe.each(writers)('the %s writer', (_, writer) => {
  it('writes start, increment and paths', () => {
    expect(write(writer, textOf([100, 101.5, 99.25, 100, 98, 97.125], 2))).toBe(
      '[1790000040,300,[100,101.5,99.25],[100,98,97.125]]',
    )
  })

  it('writes at an offset and leaves what is before it', () => {
    const text = textOf([1], 1)
    const target = new Uint8Array(7 + priceTextCapacity(text)).fill(0x2a)
    const result = writer(target, 7, text)
    expect(new TextDecoder().decode(target.subarray(0, result.ok ? result.end : 0))).toBe('*******[1790000040,300,[1]]')
  })

  it.each(edges)('writes %d as decimal arithmetic rounds it', (price) => {
    const expected = expectedPriceText(price)
    expect(write(writer, textOf([price], 1))).toBe(`[1790000040,300,[${expected}]]`)
    expect(satisfiesCharacterRule(expected!)).toBe(true)
    expect(satisfiesSignificanceRule(expected!)).toBe(true)
    // Beside a neighbour of another size, on either side.
    expect(write(writer, textOf([price, 103_251.37, price, price], 1))).toBe(
      `[1790000040,300,[${expected},103251.37,${expected},${expected}]]`,
    )
  })

  it.each([0, -0, -1, 4.9e-8, 5e-324, 1e8, 99_999_999.5, 1e300, Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses %d and says where it stands',
    (price) => {
      expect(write(writer, textOf([5, 5, 5, 5, price, 5], 2))).toEqual({
        ok: false,
        reason: 'price',
        path: 1,
        point: 1,
        price,
      })
      expect(write(writer, textOf([price], 1))).toEqual({ ok: false, reason: 'price', path: 0, point: 0, price })
    },
  )

  it('rounds an exact tie to the even digit', () => {
    // 2^-8 and 3 * 2^-8 end in a 5 at the eighth decimal; so do halves at 1e7.
    expect(write(writer, textOf([0.00390625, 0.01171875, 10_000_000.5, 10_000_001.5], 1))).toBe(
      '[1790000040,300,[0.0039062,0.0117188,10000000,10000002]]',
    )
  })

  it('refuses a buffer that might be too short before it writes', () => {
    const text = textOf([1, 2, 3], 1)
    const target = new Uint8Array(priceTextCapacity(text) - 1)
    expect(() => writer(target, 0, text)).toThrow(/needs 96 bytes from 0 on, but the buffer ends at 95/)
    expect([...target].every((byte) => byte === 0)).toBe(true)
  })

  it('refuses values of another shape', () => {
    expect(() => write(writer, { ...textOf([1, 2, 3], 1), pointCount: 2 })).toThrow(/3 prices are not 1 paths of 2/)
  })
})

it('starts paths at a price that is written as it is', () => {
  expect(roundToWritten(103_251.3749)).toBe(103_251.37)
  expect(roundToWritten(0.123456789)).toBe(0.1234568)
  expect(roundToWritten(9.999999999)).toBe(10)
  for (const price of [0, Number.NaN, 1e8, 1e-9]) expect(roundToWritten(price)).toBeUndefined()
})

import { describe, expect, it } from 'vitest'
import { SplitMix64 } from '#core/base/random/rng'
import { blockLengthFor, percentileInterval, resampleBlocks } from './block-bootstrap.ts'

describe('resampleBlocks', () => {
  it('keeps neighbours together, goes on at the beginning, and fills the whole series', () => {
    const places = resampleBlocks(10, 4, new SplitMix64(3n))
    expect(places).toHaveLength(10)
    for (let i = 1; i < 10; i += 1) if (i % 4 !== 0) expect(places[i]).toBe((places[i - 1]! + 1) % 10)
  })
  it('draws every place equally often', () => {
    const rng = new SplitMix64(4n)
    const seen = new Float64Array(7)
    for (let round = 0; round < 7_000; round += 1) for (const place of resampleBlocks(7, 3, rng)) seen[place]! += 1
    for (const count of seen) expect(count / 7_000).toBeCloseTo(1, 1)
  })
})

it('takes the middle part of the values by rank', () => {
  const values = Array.from({ length: 1000 }, (_, i) => 999 - i)
  expect(percentileInterval(values, 0.95)).toEqual([25, 975])
  expect(percentileInterval([5], 0.95)).toEqual([5, 5])
})

it('leaves at least five blocks', () => {
  expect([blockLengthFor(100, 8), blockLengthFor(10, 8), blockLengthFor(3, 8)]).toEqual([8, 2, 1])
})

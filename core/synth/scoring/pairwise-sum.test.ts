import { describe, expect, it } from 'vitest'
import { pairwiseSum } from './pairwise-sum.ts'

// 1e16 swallows a 1 that is added to it alone, but not a 2: the result shows who was added to whom first.
const big = 1e16

describe('pairwiseSum', () => {
  it('adds fewer than 8 terms from left to right', () => {
    expect(pairwiseSum([big, 1, 1, -big])).toBe(0)
    expect(pairwiseSum([])).toBe(0)
  })

  it('adds 8 terms in pairs', () => {
    expect(pairwiseSum([big, 1, 1, 1, -big, 0, 0, 0])).toBe(2)
  })

  it('keeps eight running sums and adds the remainder last', () => {
    const terms = [big, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, -big]
    expect(pairwiseSum(terms)).toBe(0)
    expect(pairwiseSum([...terms.slice(0, 8), -big, ...terms.slice(8, 16)])).toBe(2)
  })

  it('splits more than 128 terms at a multiple of 8', () => {
    const terms = Array.from({ length: 146 }, () => 0)
    terms[0] = big
    terms[71] = 1
    terms[72] = 1
    terms[145] = -big
    // The halves are [0, 72) and [72, 146): each 1 meets its big number alone and is lost.
    expect(pairwiseSum(terms)).toBe(0)
    terms[71] = 0
    terms[80] = 1
    // Both ones stand in the second half, in one running sum, and reach -1e16 as a 2.
    expect(pairwiseSum(terms)).toBe(2)
  })

  it('adds only the range it is given', () => {
    expect(pairwiseSum([5, 1, 2, 3, 7], 1, 4)).toBe(6)
  })
})

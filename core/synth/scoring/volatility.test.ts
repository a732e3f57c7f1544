import { describe, expect, it } from 'vitest'
import type { PathMatrix } from './crps.ts'
import { ScoringError } from './score-plan.ts'
import { addVolatility, blockVolatilities, scoreVolatility } from './volatility.ts'

const nan = Number.NaN
const one = { weightNumerator: 1, weightDenominator: 1 }

function matrix(...paths: readonly (readonly number[])[]): PathMatrix {
  return { pathCount: paths.length, pointCount: paths[0]!.length, values: Float64Array.from(paths.flat()) }
}

describe('blockVolatilities', () => {
  it('is the standard deviation of the returns with divisor count - 1', () => {
    // Returns 100 bps and 300 bps: mean 200, deviations 100, divisor 1.
    expect(blockVolatilities(matrix([100, 101, 104.03]), 2)[0]).toBeCloseTo(Math.sqrt(20_000), 9)
  })

  it('drops returns after the last whole block', () => {
    expect(blockVolatilities(matrix([1, 2, 4, 8, 100]), 3)).toHaveLength(1)
    expect(blockVolatilities(matrix([1, 2]), 3)).toHaveLength(0)
  })

  it('is 0 for equal returns, with any number of whole blocks', () => {
    expect([...blockVolatilities(matrix([1, 2, 4, 8, 16], [5, 5, 5, 5, 5]), 2)]).toStrictEqual([0, 0, 0, 0])
  })

  it('leaves missing returns out and needs two observed ones', () => {
    const [first, second] = blockVolatilities(matrix([100, nan, 101, 102, 103.5, 99, 98]), 3)
    expect(first).toBeNaN()
    expect(second).toBeGreaterThan(0)
    const withHole = [100, 101, nan, 101, 102, 105]
    expect(blockVolatilities(matrix(withHole), 5)[0]).toBe(standardDeviationOf(withHole))
  })
})

/** Straight from the definition, for few returns. */
function standardDeviationOf(prices: readonly number[]): number {
  const returns = prices
    .slice(1)
    .map((price, i) => ((price - prices[i]!) / prices[i]!) * 10_000)
    .map((value) => (Number.isNaN(value) ? undefined : value))
  const present = returns.filter((value) => value !== undefined)
  const mean = returns.reduce<number>((sum, value) => sum + (value ?? 0), 0) / present.length
  const squares = returns.reduce<number>((sum, value) => sum + (value === undefined ? 0 : (value - mean) ** 2), 0)
  return Math.sqrt(squares / (present.length - 1))
}

describe('scoreVolatility', () => {
  const blocks = [
    { name: 'long', seconds: 240, ...one },
    { name: 'short', seconds: 120, weightNumerator: 1, weightDenominator: 4 },
  ]
  const options = { stepSeconds: 60, blocks }

  it('weighs the sum over the blocks of each size and adds size by size', () => {
    const paths = matrix([100, 101, 100, 102, 101])
    const real = [100, 100, 100, 100, 100]
    const long = blockVolatilities(paths, 4)[0]!
    const [first, second] = blockVolatilities(paths, 2)
    const short = first! + second!
    expect(scoreVolatility(paths, real, options)).toStrictEqual({
      total: long + 0.25 * short,
      rows: [
        ['long', long, 1],
        ['short', short, 0.25],
      ],
    })
  })

  it('skips a size without an observed block, without a row', () => {
    const real = [100, 101, 100, nan, 100]
    expect(scoreVolatility(matrix([100, 101, 100, 102, 101]), real, options).rows.map(([name]) => name)).toStrictEqual([
      'long',
      'short',
    ])
    const sparse = [100, nan, 100, 101, nan]
    expect(scoreVolatility(matrix([100, 101, 100, 102, 101]), sparse, options)).toStrictEqual({ total: 0, rows: [] })
  })

  it('rewards spread between paths: all with the same volatility pay in full', () => {
    const calm = [100, 100.1, 100, 100.1, 100]
    const wild = [100, 102, 100, 102, 100]
    const real = [100, 101, 100, 101, 100]
    const alike = scoreVolatility(matrix(calm, calm), real, options).total
    expect(scoreVolatility(matrix(calm, wild), real, options).total).toBeLessThan(alike)
  })

  it('refuses paths of another length and blocks below one step', () => {
    expect(() => scoreVolatility(matrix([1, 2, 3]), [1, 2, 3, 4, 5], options)).toThrow(ScoringError)
    const tiny = { stepSeconds: 60, blocks: [{ name: 'tiny', seconds: 30, ...one }] }
    expect(() => scoreVolatility(matrix([1, 2, 3]), [1, 2, 3], tiny)).toThrow('tiny of 30 s')
  })
})

describe('addVolatility', () => {
  const volatility = { total: 2, rows: [] }

  it('is one addition', () => {
    expect(addVolatility({ score: 40, failure: null, details: [] }, volatility)).toBe(42)
  })

  it('leaves a failed answer failed', () => {
    expect(addVolatility({ score: -1, failure: 'zeroPrice', details: [] }, volatility)).toBe(-1)
  })
})

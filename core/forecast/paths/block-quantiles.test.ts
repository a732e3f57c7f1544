import { describe, expect, it } from 'vitest'
import { ReferencePathMath } from '#tests/support/reference-path-math'
import { Arena } from './arena.ts'
import {
  binCount,
  binsPerUnit,
  makeQuantileWorkspace,
  quantilesOf,
  quantileWorkspaceLength,
  zeroBin,
} from './block-quantiles.ts'
import { upperQuantile } from './distributions/quantile.ts'
import { varianceStrata } from './distributions/strata.ts'
import { lawOf, normalLaw } from './distributions/symmetric-law.ts'
import type { Tails } from './process-parameters.ts'

const math = new ReferencePathMath()

function quantiles(logDeviations: readonly number[], count: number): Float64Array {
  const arena = new Arena(math.reserve(quantileWorkspaceLength + binCount + count + 16))
  const histogram = arena.take(binCount)
  math.addHistogram(histogram, Float64Array.from(logDeviations), binsPerUnit, zeroBin, 1)
  const targets = arena.take(count)
  quantilesOf(targets, histogram, makeQuantileWorkspace(arena), math)
  return targets
}

const meanSquare = (values: Float64Array) => values.reduce((sum, x) => sum + x * x, 0) / values.length

it('finds the normal quantiles when the deviation is certain', () => {
  const targets = quantiles([0], 1000)
  for (let i = 1; i < 999; i += 1) {
    const exact = Math.sign(i - 499.5) * upperQuantile(normalLaw, Math.min(i + 0.5, 999.5 - i) / 1000)
    expect(Math.abs(targets[i]! - exact)).toBeLessThan(0.001)
  }
  // The outermost stands for all beyond it: its mean square, not its median.
  expect(targets[999]).toBeGreaterThan(upperQuantile(normalLaw, 0.0005))
  expect(targets[999]).toBeLessThan(upperQuantile(normalLaw, 0.0001))
})

it.each<Tails>([
  { kind: 'student', degreesOfFreedom: 5 },
  {
    kind: 'mixture',
    components: [
      { weight: 0.8, scale: 1 },
      { weight: 0.2, scale: 3 },
    ],
  },
])('finds the quantiles of $kind tails from their random variance', (tails) => {
  const targets = quantiles(
    [...varianceStrata(tails, 4096)!].map((variance) => Math.log(variance) / 2),
    1000,
  )
  const law = lawOf(tails)
  for (let i = 500; i < 995; i += 1) {
    const exact = upperQuantile(law, (999.5 - i) / 1000)
    expect(Math.abs(targets[i]! - exact)).toBeLessThan(0.005 * Math.max(exact, 0.5))
  }
})

describe.each([16, 17, 999, 1000, 5000])('with %i paths', (count) => {
  it.each([
    ['certain', [0]],
    ['spread', [-1.2, -0.5, 0, 0.3]],
    ['nearly always still', [...Array<number>(99).fill(-9), Math.log(10)]],
  ] as const)('is symmetric, ascending and of variance 1 when the deviation is %s', (_, logDeviations) => {
    const variance = logDeviations.reduce((sum, x) => sum + Math.exp(2 * x), 0) / logDeviations.length
    const targets = quantiles(
      logDeviations.map((x) => x - Math.log(variance) / 2),
      count,
    )
    expect(targets.every(Number.isFinite)).toBe(true)
    expect(targets).toEqual(targets.slice().sort())
    for (let i = 0; i < count; i += 1) expect(targets[count - 1 - i]! + targets[i]!).toBe(0)
    // A few paths cannot hold the variance of what happens to one in a hundred.
    if (count > 100) expect(meanSquare(targets)).toBeCloseTo(1, 9)
    else expect(meanSquare(targets)).toBeLessThan(1.05)
  })
})

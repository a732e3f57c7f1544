/**
 * The volatility term of the 1h crypto score (from 2026-09-22): how well the spread of the paths' own volatilities
 * covers the observed volatility, block by block.
 */
import type { VolatilityBlock } from '../regimes/regime.ts'
import type { AnswerScore } from './answer-score.ts'
import { checkMatrix, ensembleCrps, type PathMatrix } from './crps.ts'
import { pairwiseSum } from './pairwise-sum.ts'
import { changeBps, intervalSteps, ScoringError } from './score-plan.ts'

/** Block name, its unweighted CRPS, its weight. */
export type VolatilityRow = readonly [block: string, crps: number, weight: number]

export interface VolatilityScore {
  readonly total: number
  readonly rows: readonly VolatilityRow[]
}

export interface VolatilityOptions {
  readonly stepSeconds: number
  readonly blocks: readonly VolatilityBlock[]
}

export function scoreVolatility(
  paths: PathMatrix,
  real: ArrayLike<number>,
  options: VolatilityOptions,
): VolatilityScore {
  checkMatrix(paths)
  return sumVolatility(real, paths.pointCount, options, (blockSteps, observed) => {
    const simulated = blockVolatilities(paths, blockSteps)
    const members = new Float64Array(paths.pathCount)
    return observed.map(({ block, volatility }) => {
      const blockCount = simulated.length / paths.pathCount
      for (let path = 0; path < paths.pathCount; path += 1) members[path] = simulated[path * blockCount + block]!
      return ensembleCrps(members, volatility)
    })
  })
}

/** The score of a regime with both terms: one addition. An answer with invalid prices stays invalid. */
export function addVolatility(price: AnswerScore, volatility: VolatilityScore): number {
  return price.failure === null ? price.score + volatility.total : price.score
}

export interface ObservedVolatility {
  readonly block: number
  readonly volatility: number
}

/** Walks the block sizes; `crpsOfBlocks` returns one CRPS for each observed block of a size. */
export function sumVolatility(
  real: ArrayLike<number>,
  pointCount: number,
  options: VolatilityOptions,
  crpsOfBlocks: (
    blockSteps: number,
    observed: readonly ObservedVolatility[],
    block: VolatilityBlock,
  ) => ArrayLike<number>,
): VolatilityScore {
  const realPath: PathMatrix = { pathCount: 1, pointCount: real.length, values: Float64Array.from(real) }
  const rows: VolatilityRow[] = []
  let total = 0
  for (const block of options.blocks) {
    const steps = intervalSteps(block, options.stepSeconds)
    const observed = [...blockVolatilities(realPath, steps)]
      .map((volatility, index) => ({ block: index, volatility }))
      .filter(({ volatility }) => !Number.isNaN(volatility))
    if (observed.length === 0) continue
    if (blockCount(pointCount, steps) !== blockCount(real.length, steps)) {
      throw new ScoringError(
        'SCORING_SHAPE_MISMATCH',
        `Volatility block ${block.name}: the real path has ${real.length} points, the simulated ones ${pointCount}.`,
      )
    }
    const values = crpsOfBlocks(steps, observed, block)
    let sum = 0
    for (let i = 0; i < values.length; i += 1) sum += values[i]!
    const weight = block.weightNumerator / block.weightDenominator
    total += weight * sum
    rows.push([block.name, sum, weight])
  }
  return { total, rows }
}

export function blockCount(pointCount: number, blockSteps: number): number {
  return Math.floor(Math.max(0, pointCount - 1) / blockSteps)
}

/** Standard deviation of the returns in each whole block, path after path; NaN if fewer than two are observed. */
export function blockVolatilities(paths: PathMatrix, blockSteps: number): Float64Array {
  const blocks = blockCount(paths.pointCount, blockSteps)
  const volatilities = new Float64Array(paths.pathCount * blocks)
  const returns = new Float64Array(blockSteps)
  for (let path = 0; path < paths.pathCount; path += 1) {
    for (let block = 0; block < blocks; block += 1) {
      const first = path * paths.pointCount + block * blockSteps
      for (let i = 0; i < blockSteps; i += 1) {
        returns[i] = changeBps(paths.values[first + i]!, paths.values[first + i + 1]!)
      }
      volatilities[path * blocks + block] = standardDeviation(returns)
    }
  }
  return volatilities
}

/** Divisor count - 1 over the observed values; missing ones count as 0 in both sums. Overwrites its argument. */
function standardDeviation(returns: Float64Array): number {
  const isObserved = Array.from(returns, (value) => !Number.isNaN(value))
  const count = isObserved.filter(Boolean).length
  if (count < 2) return Number.NaN
  for (let i = 0; i < returns.length; i += 1) if (!isObserved[i]) returns[i] = 0
  const mean = pairwiseSum(returns) / count
  for (let i = 0; i < returns.length; i += 1) {
    const deviation = isObserved[i] ? returns[i]! - mean : 0
    returns[i] = deviation * deviation
  }
  return Math.sqrt(pairwiseSum(returns) / (count - 1))
}

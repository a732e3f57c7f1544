import type { VolatilityBlock } from '#core/synth/regimes/regime'
import { hourVolatilityBlocks } from '#core/synth/regimes/table/intervals'
import { cast, divide, greater, maximum, multiply, plus, sqrt, subtract, times } from '#models/graph/arithmetic'
import type { Value } from '#models/graph/graph'
import { reduceSum } from '#models/graph/reduce'
import { sampledCrps } from './sampled-crps.ts'
import { cutTiles, type TermFacts } from './scored-terms.ts'

/** Keeps the gradient of a root finite; a millionth of a basis point. */
const leastVariance = 1e-12

/** The blocks whose volatility is scored, with their lengths in steps: those of an hour, as far as the steps go. */
export function volatilityBlocks({ horizon, stepSeconds, steps }: TermFacts): (VolatilityBlock & { length: number })[] {
  if (horizon === 'low') return []
  return hourVolatilityBlocks
    .map((block) => ({ ...block, length: Math.trunc(block.seconds / stepSeconds) }))
    .filter(({ length }) => length >= 2 && length <= steps)
}

export interface VolatilityTermInput {
  /** Changes of each step in basis points: [batch, members, steps]. */
  readonly members: Value
  /** [batch, steps]. */
  readonly real: Value
  readonly known: Value
  readonly partWeights: Value | undefined
  readonly alpha: number
}

/**
 * How well the paths' own volatilities cover the real one, block by block: the sum of weighted CRPS for each window,
 * [batch]. A block with fewer than two known changes is left out.
 */
export function volatilityTerm(
  { members, real, known, ...options }: VolatilityTermInput,
  { length, weightNumerator, weightDenominator }: VolatilityBlock & { readonly length: number },
): Value {
  const all = known.graph.constant(new Float64Array(real.shape[1]!).fill(1), [1, 1, real.shape[1]!])
  const simulated = standardDeviations(cutTiles(members, length), cutTiles(all, length))
  const observed = standardDeviations(cutTiles(real, length), cutTiles(known, length))
  const crps = sampledCrps(simulated, observed, options)
  const counts = reduceSum(cutTiles(known, length), { axes: [-1] })
  const isScored = cast(greater(counts, known.graph.constant(1.5)), 'float')
  return times(reduceSum(multiply(crps, isScored), { axes: [1] }), weightNumerator / weightDenominator)
}

/** Over the last dimension, with divisor count - 1. */
function standardDeviations(changes: Value, known: Value): Value {
  const sum = (x: Value) => reduceSum(x, { axes: [-1], keep: true })
  const one = known.graph.constant(1)
  const count = sum(known)
  const mean = divide(sum(multiply(changes, known)), maximum(count, one))
  const deviation = multiply(subtract(changes, mean), known)
  const variance = divide(sum(multiply(deviation, deviation)), maximum(plus(count, -1), one))
  return sqrt(plus(reduceSum(variance, { axes: [-1] }), leastVariance))
}

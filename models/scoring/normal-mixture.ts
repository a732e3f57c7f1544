import { normalNodes, normalWeights } from '#core/forecast/volatility/mixture-crps'
import { divide, exp, multiply, times } from '#models/graph/arithmetic'
import type { Value } from '#models/graph/graph'
import { reduceSum } from '#models/graph/reduce'
import { gather } from '#models/graph/select'
import { unsqueeze } from '#models/graph/shape-operators'
import type { Process } from '#models/process/process'

/**
 * The law of some sums of normal steps: each of the process' parts, and each level of volatility that its paths may have
 * (five nodes of Gauss and Hermite), is one component. The variance of a component is `base * scales`.
 */
export interface NormalMixture {
  /** [batch, components or 1, terms]. */
  readonly base: Value
  /** [batch or 1, components, 1]. */
  readonly scales: Value
  /** As `base * scales`; undefined: all 0. */
  readonly means: Value | undefined
  /** [batch or 1, components, 1], of sum 1. */
  readonly weights: Value
}

/** `variances` and `means` are [batch, terms], with parts [batch, parts, terms]. */
export function normalMixture(
  { weights, levelLogSd }: Process,
  variances: Value,
  means: Value | undefined,
): NormalMixture {
  const { graph } = variances
  const base = asParts(variances)
  const parts = base.shape[1]!
  const plain: NormalMixture = {
    base,
    scales: graph.constant(new Float64Array(parts).fill(1), [1, parts, 1]),
    means: means === undefined ? undefined : asParts(means),
    weights: weights === undefined ? graph.constant([1], [1, 1, 1]) : unsqueeze(weights, [2]),
  }
  if (levelLogSd === undefined) return plain
  const count = normalNodes.length
  // Part after part, each with all levels.
  const partOf = Array.from({ length: parts * count }, (_, place) => Math.floor(place / count))
  const levelOf = partOf.map((part, place) => place - part * count)
  const ofParts = (x: Value) => gather(x, partOf, 1)
  return {
    base: parts === 1 ? base : ofParts(base),
    scales: gather(levelScales(levelLogSd), levelOf, 1),
    means: plain.means === undefined ? undefined : ofParts(plain.means),
    weights: multiply(ofParts(plain.weights), gather(graph.constant(normalWeights, [1, count, 1]), levelOf, 1)),
  }
}

/** Squares of the factors that a path's level has on its volatility: [batch, nodes, 1], of mean 1. */
function levelScales(logSd: Value): Value {
  const nodes = logSd.graph.constant(normalNodes, [normalNodes.length, 1])
  const weights = logSd.graph.constant(normalWeights, [1, normalNodes.length, 1])
  const squares = exp(times(multiply(unsqueeze(logSd, [2]), nodes), 2))
  return divide(squares, reduceSum(multiply(squares, weights), { axes: [1], keep: true }))
}

function asParts(x: Value): Value {
  return x.shape.length === 3 ? x : unsqueeze(x, [1])
}

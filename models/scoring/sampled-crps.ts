import { absolute, add, multiply, plus, subtract, times } from '#models/graph/arithmetic'
import type { Value } from '#models/graph/graph'
import { reduceMean, reduceSum } from '#models/graph/reduce'
import { cumulativeSum, gatherElements, topK } from '#models/graph/select'
import { expand, reshape, unsqueeze } from '#models/graph/shape-operators'

export interface SampledCrpsOptions {
  /**
   * How much of the bias of few members is taken away. 0: the plain score of this ensemble, as the validator computes it.
   * 1: fair, in the mean the score of infinitely many members. Between: almost fair (Lang and others, 2024).
   */
  readonly alpha: number
  /** Of a mixture: the weight of each part, [batch, parts]. The members are then part after part, as many of each. */
  readonly partWeights: Value | undefined
}

/** The CRPS of `value` [batch, terms] against sampled `members` [batch, members, terms]: [batch, terms]. */
export function sampledCrps(members: Value, value: Value, { alpha, partWeights }: SampledCrpsOptions): Value {
  // Distances do not change when everything is moved, and small numbers keep more digits.
  const moved = subtract(members, unsqueeze(value, [1]))
  if (partWeights === undefined) {
    const count = members.shape[1]!
    const spread = times(halfMeanDistance(moved, 1), unbiased(count, alpha))
    return subtract(reduceMean(absolute(moved), { axes: [1] }), spread)
  }
  const [batch, parts] = partWeights.shape
  const each = members.shape[1]! / parts!
  const terms = members.shape[2]!
  const ofPart = times(unsqueeze(partWeights, [2]), 1 / each)
  const weights = reshape(expand(unsqueeze(ofPart, [3]), [batch!, parts!, each, terms]), moved.shape)
  const near = reduceSum(multiply(absolute(moved), weights), { axes: [1] })
  // Draws of different parts are independent as they are; only pairs within a part are biased.
  const within = halfMeanDistance(reshape(moved, [batch!, parts!, each, terms]), 2)
  const squares = unsqueeze(multiply(partWeights, partWeights), [2])
  const bias = times(reduceSum(multiply(within, squares), { axes: [1] }), unbiased(each, alpha) - 1)
  return subtract(near, add(weightedHalfDistance(moved, weights), bias))
}

function unbiased(count: number, alpha: number): number {
  return (count - 1 + alpha) / (count - 1)
}

/** Half the mean distance over all pairs along one axis, each member with itself included: one sorting. */
function halfMeanDistance(x: Value, axis: number): Value {
  const count = x.shape[axis]!
  const sorted = topK(x, { axis }).values
  const ranks = Array.from({ length: count }, (_, i) => (2 * i + 1 - count) / (count * count))
  const shape = x.shape.map((_, place) => (place === axis ? count : 1))
  return reduceSum(multiply(sorted, x.graph.constant(ranks, shape)), { axes: [axis] })
}

/** The same along axis 1 for members with weights of sum 1. */
function weightedHalfDistance(x: Value, weights: Value): Value {
  const { values, indices } = topK(x, { axis: 1 })
  const own = gatherElements(weights, indices, 1)
  const upTo = cumulativeSum(own, { axis: 1 })
  const ranks = plus(subtract(times(upTo, 2), own), -1)
  return reduceSum(multiply(multiply(own, values), ranks), { axes: [1] })
}

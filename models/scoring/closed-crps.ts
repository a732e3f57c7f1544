/** The continuous ranked probability score where it has a closed form, in the unit of its arguments. */
import { add, divide, erf, exp, multiply, sqrt, subtract, times } from '#models/graph/arithmetic'
import type { Value } from '#models/graph/graph'
import { reduceSum } from '#models/graph/reduce'
import { gather } from '#models/graph/select'
import { unsqueeze } from '#models/graph/shape-operators'
import type { NormalMixture } from './normal-mixture.ts'
import { studentCrpsOfOne, studentFacts, studentScale } from './student-law.ts'

/** Of `value` under a normal variable of mean 0. */
export function normalCrps(value: Value, variance: Value): Value {
  const sd = sqrt(variance)
  return subtract(meanDistance(value, variance), times(sd, 1 / Math.sqrt(Math.PI)))
}

/** Of `value` under Student's t of mean 0; the degrees of freedom are [batch, 1]. */
export function studentCrps(value: Value, variance: Value, degreesOfFreedom: Value): Value {
  const scale = studentScale(sqrt(variance), degreesOfFreedom)
  return multiply(scale, studentCrpsOfOne(divide(value, scale), studentFacts(degreesOfFreedom)))
}

/** Of `value` [batch, terms] under a mixture of normal variables. */
export function mixtureCrps(value: Value, mixture: NormalMixture): Value {
  const { base, scales, means, weights } = mixture
  const rows = unsqueeze(value, [1])
  const variances = multiply(base, scales)
  const distance = meanDistance(means === undefined ? rows : subtract(rows, means), variances)
  const near = reduceSum(multiply(distance, weights), { axes: [1] })
  return subtract(near, halfSpread(mixture, means === undefined ? base.shape[1] === 1 : false))
}

/** Half the mean distance of two draws: the sum over all pairs of components. */
function halfSpread({ base, scales, means, weights }: NormalMixture, isOneCurve: boolean): Value {
  const relative = isOneCurve ? scales : multiply(base, scales)
  const count = weights.shape[1]!
  const pairs = Array.from({ length: count }, (_, a) => Array.from({ length: count - a }, (__, b) => [a, a + b])).flat()
  const pick = (x: Value, side: 0 | 1) =>
    gather(
      x,
      pairs.map((pair) => pair[side]!),
      1,
    )
  const both = add(pick(relative, 0), pick(relative, 1))
  const distance =
    means === undefined
      ? times(sqrt(both), Math.sqrt(2 / Math.PI))
      : meanDistance(subtract(pick(means, 0), pick(means, 1)), both)
  // A pair of different components counts twice, and half of the sum is wanted.
  const halves = weights.graph.constant(
    pairs.map(([a, b]) => (a === b ? 0.5 : 1)),
    [1, pairs.length, 1],
  )
  const share = multiply(multiply(pick(weights, 0), pick(weights, 1)), halves)
  const sum = reduceSum(multiply(distance, share), { axes: [1] })
  return isOneCurve ? multiply(sum, sqrt(reduceSum(base, { axes: [1] }))) : sum
}

/** E|X - value| of a normal variable X of mean 0. */
function meanDistance(value: Value, variance: Value): Value {
  const sd = sqrt(variance)
  const z = divide(value, sd)
  const inside = multiply(value, erf(times(z, Math.SQRT1_2)))
  const density = multiply(times(sd, Math.sqrt(2 / Math.PI)), exp(times(multiply(z, z), -0.5)))
  return add(inside, density)
}

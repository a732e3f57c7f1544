/**
 * Student's t in a graph. All its constants are ratios of the gamma function half a step apart; these come from their own
 * asymptotic series, because the difference of two logarithms of gamma would lose digits in single precision.
 */
import {
  add,
  atan,
  cos,
  divide,
  exp,
  log,
  multiply,
  negate,
  plus,
  reciprocal,
  sign,
  sqrt,
  subtract,
  times,
} from '#models/graph/arithmetic'
import { gaussLegendre } from '#models/graph/gauss-legendre'
import type { Value } from '#models/graph/graph'
import { reduceSum } from '#models/graph/reduce'
import { unsqueeze } from '#models/graph/shape-operators'

/** How far the argument is shifted up before the series; from there on its error is below 1e-13. */
const shift = 10

/** log(gamma(x + 1/2) / gamma(x)) for x above 0. */
export function logGammaHalfStep(x: Value): Value {
  const inverse = reciprocal(plus(x, shift))
  const square = multiply(inverse, inverse)
  // 1/8 - s / 192 + s^2 / 640 - 17 s^3 / 14336 + 31 s^4 / 18432, where s is 1 / x^2
  const series = [31 / 18432, -17 / 14336, 1 / 640, -1 / 192, 1 / 8].map((number) => x.graph.constant(number))
  const tail = series.reduce((sum, number) => add(multiply(sum, square), number))
  const shifted = subtract(times(log(plus(x, shift)), 0.5), multiply(inverse, tail))
  let steps: Value | undefined
  for (let i = 0; i < shift; i += 1) {
    const step = log(divide(plus(x, i + 0.5), plus(x, i)))
    steps = steps === undefined ? step : add(steps, step)
  }
  return subtract(shifted, steps!)
}

/** On [-1, 1]. */
const legendre = gaussLegendre(12)

/** What CRPS and likelihood need of one law; all are [batch, 1] or of the shape of `z`. */
export interface StudentFacts {
  readonly degreesOfFreedom: Value
  /** log of gamma((nu + 1) / 2) / (sqrt(pi) gamma(nu / 2)). */
  readonly logConstant: Value
}

export function studentFacts(degreesOfFreedom: Value): StudentFacts {
  const logConstant = plus(logGammaHalfStep(times(degreesOfFreedom, 0.5)), -0.5 * Math.log(Math.PI))
  return { degreesOfFreedom, logConstant }
}

/** The scale of a t variable with this standard deviation. */
export function studentScale(sd: Value, degreesOfFreedom: Value): Value {
  return multiply(sd, sqrt(divide(plus(degreesOfFreedom, -2), degreesOfFreedom)))
}

/** The probability within [-z, z] with the sign of z: 2 F(z) - 1. */
export function studentCentre(z: Value, { degreesOfFreedom, logConstant }: StudentFacts): Value {
  const angle = atan(divide(z, sqrt(degreesOfFreedom)))
  const nodes = z.graph.constant(legendre.nodes.map((node) => (node + 1) / 2))
  const weights = z.graph.constant(legendre.weights.map((weight) => weight / 2))
  const angles = multiply(unsqueeze(angle, [-1]), nodes)
  const powers = exp(multiply(log(cos(angles)), unsqueeze(plus(degreesOfFreedom, -1), [-1])))
  const mean = reduceSum(multiply(powers, weights), { axes: [-1] })
  return multiply(times(exp(logConstant), 2), multiply(angle, mean))
}

/** The CRPS of the value z under the law of scale 1. */
export function studentCrpsOfOne(z: Value, facts: StudentFacts): Value {
  const { degreesOfFreedom: nu, logConstant } = facts
  const rest = plus(nu, -1)
  const tail = plus(divide(multiply(z, z), nu), 1)
  // f(z) (nu + z^2), by the logarithm: z is large where a variance is far too small.
  const density = exp(add(logConstant, subtract(times(log(nu), 0.5), multiply(times(rest, 0.5), log(tail)))))
  const spread = spreadOfOne(nu, logConstant)
  return subtract(add(multiply(z, studentCentre(z, facts)), divide(times(density, 2), rest)), spread)
}

/** Half the mean distance of two draws: 2 sqrt(nu) / (nu - 1) B(1/2, nu - 1/2) / B(1/2, nu / 2)^2. */
function spreadOfOne(nu: Value, logConstant: Value): Value {
  // B(1/2, nu - 1/2) is sqrt(pi) / half step from nu - 1/2, and 1 / B(1/2, nu / 2) is the constant.
  const logBeta = plus(negate(logGammaHalfStep(plus(nu, -0.5))), 0.5 * Math.log(Math.PI))
  const logSpread = add(add(logBeta, times(logConstant, 2)), times(log(nu), 0.5))
  return divide(times(exp(logSpread), 2), plus(nu, -1))
}

/** The logarithm of the density of z under the law of scale 1. */
export function studentLogDensity(z: Value, { degreesOfFreedom: nu, logConstant }: StudentFacts): Value {
  const tail = log(plus(divide(multiply(z, z), nu), 1))
  return subtract(subtract(logConstant, times(log(nu), 0.5)), multiply(times(plus(nu, 1), 0.5), tail))
}

/** Keeps the root's gradient finite where a draw is 0. */
const leastSquare = 1e-20

/**
 * A t variable of variance 1 from a normal one, so that a drawn path has a gradient by the degrees of freedom. It is the
 * inverse of Wallace's approximation with its constant chosen so that the variance is exactly 1. Quantiles from 0.1 % to
 * 99.9 % are within 0.2 % at 11 degrees of freedom, 1.2 % at 4.5 and 6.5 % at 2.5, the least.
 */
export function studentFromNormal(normal: Value, nu: Value): Value {
  const rest = plus(nu, -1)
  const rate = divide(plus(times(nu, 2), -3), times(multiply(rest, rest), 2))
  const growth = plus(exp(multiply(multiply(normal, normal), rate)), -1)
  return multiply(sign(normal), sqrt(plus(multiply(growth, plus(nu, -2)), leastSquare)))
}

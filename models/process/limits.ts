/**
 * Where the numbers of a process have to stay, whatever a network says. The limits are smooth, so the gradient leads back
 * from the edge; they are wide, so nothing that markets do comes near them.
 */
import { clip, exp, plus, sigmoid, tanh, times } from '#models/graph/arithmetic'
import type { Value } from '#models/graph/graph'

/** Between the assets' standard deviations of an hour's return: 0.0016 to 0.011. Networks say how far they are from it. */
const typicalHourlySd = 0.006
const hourSeconds = 3600

/** Standard deviations from a fiftieth to fifty times the typical one. */
const mostLogVarianceChange = 8

/** Below 2 there is no variance; near it the variance lies in moves that no training data holds. */
export const leastDegreesOfFreedom = 2.5
/** From here on the law is as good as normal. */
export const mostDegreesOfFreedom = 50
export const usualDegreesOfFreedom = 6

/** An error of the volatility by a factor above 2 in a third of all paths. */
export const mostLevelLogSd = 0.8
export const usualLevelLogSd = 0.25

/** Of one standard deviation of a step. */
const mostDriftShare = 0.5

/** Of what a head reads: finite numbers this large still give finite products in single precision. */
const largestInput = 1e4

/** Outside them no log-variance means anything; inside they change nothing. */
const logVarianceBounds = [-40, 4] as const

/** x near 0, never beyond the limit on either side. */
export function bounded(x: Value, limit: number): Value {
  return times(tanh(times(x, 1 / limit)), limit)
}

export function boundedInput(x: Value): Value {
  return clip(x, -largestInput, largestInput)
}

/** A given log-variance: bit for bit the same where it has a meaning. */
export function boundedLogVariance(x: Value): Value {
  return clip(x, ...logVarianceBounds)
}

export function logVarianceOf(raw: Value, stepSeconds: number): Value {
  const typical = 2 * Math.log(typicalHourlySd) + Math.log(stepSeconds / hourSeconds)
  return plus(bounded(raw, mostLogVarianceChange), typical)
}

export function degreesOfFreedomOf(raw: Value): Value {
  return between(raw, leastDegreesOfFreedom, mostDegreesOfFreedom, usualDegreesOfFreedom)
}

export function levelLogSdOf(raw: Value): Value {
  return between(raw, 0, mostLevelLogSd, usualLevelLogSd)
}

export function driftShareOf(raw: Value): Value {
  return bounded(raw, mostDriftShare)
}

/** Exactly `start` at 0. */
export function correctedBy(logFactor: Value, start: number): Value {
  return times(exp(logFactor), start)
}

/** From `least` to `most`, and `usual` at 0. */
function between(raw: Value, least: number, most: number, usual: number): Value {
  const share = (usual - least) / (most - least)
  return plus(times(sigmoid(plus(raw, Math.log(share / (1 - share)))), most - least), least)
}

import { add, exp, multiply, subtract, times } from '#models/graph/arithmetic'
import type { Value } from '#models/graph/graph'
import { reduceSum } from '#models/graph/reduce'
import type { Scope } from '#models/graph/scope'
import { reshape, unsqueeze } from '#models/graph/shape-operators'
import type { Process } from '#models/process/process'
import { studentFromNormal } from './student-law.ts'

/**
 * Log-returns of sampled paths, [batch, paths, steps], with gradients by all parameters of the process. Each part of a
 * mixture makes the same number of paths, part after part; whoever scores them gives them the weights of their parts, so
 * that these get a gradient too. As in the miner, half the variance is taken off each step.
 */
export function drawPaths(scope: Scope, process: Process, count: number): Value {
  const { logVariance, weights, drift, tails, levelLogSd } = process
  const batch = logVariance.shape[0]!
  const steps = logVariance.shape.at(-1)!
  const parts = weights?.shape[1] ?? 1
  const each = Math.max(2, Math.ceil(count / parts))
  const ofParts = (x: Value) => reshape(x, [batch, parts, 1, steps])
  let returns = drawn('draws', [batch, parts, each, steps])
  if (tails.kind === 'student') {
    returns = studentFromNormal(returns, unsqueeze(tails.degreesOfFreedom, [2, 3]))
  }
  if (levelLogSd !== undefined) {
    const sd = unsqueeze(levelLogSd, [2, 3])
    // E[exp(2 x)] of a normal x is exp(2 var x).
    const level = subtract(multiply(drawn('levels', [batch, parts, each, 1]), sd), multiply(sd, sd))
    returns = multiply(returns, exp(level))
  }
  returns = multiply(returns, ofParts(exp(times(logVariance, 0.5))))
  if (drift !== undefined) returns = add(returns, ofParts(drift))
  const shift = times(meanVariance(process), 0.5)
  return reshape(subtract(returns, reshape(shift, [batch, 1, 1, steps])), [batch, parts * each, steps])

  function drawn(name: string, shape: readonly number[]): Value {
    const noise = scope.noise(name, shape, { kind: 'normal' })
    if (noise === undefined) throw new Error('paths cannot be drawn where there is no noise')
    return noise
  }
}

/** Of each step over all parts: [batch, steps]. */
export function meanVariance({ logVariance, weights }: Process): Value {
  const variance = exp(logVariance)
  return weights === undefined ? variance : reduceSum(multiply(variance, unsqueeze(weights, [2])), { axes: [1] })
}

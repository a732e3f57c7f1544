import type { Value } from '#models/graph/graph'

/**
 * What a head says about the price of one batch, in the graph: the parameters that the path sampler of core takes. The
 * manifest names the same outputs, so every trained model gets the sampler's structure, tails and digit rules.
 */
export interface Process {
  readonly stepSeconds: number
  /** Log of the variance of each step's log-return, uncertainty included: [batch, steps], with parts [batch, parts, steps]. */
  readonly logVariance: Value
  /** Weights of a mixture path by path, [batch, parts], of sum 1. Undefined: one part. */
  readonly weights: Value | undefined
  /** Mean log-return of each step, as `logVariance`. Undefined, the default: no drift. The miner serves no drift. */
  readonly drift: Value | undefined
  readonly tails: ProcessTails
  /** Standard deviation of one normal summand of the whole path's log-volatility: [batch, 1]. */
  readonly levelLogSd: Value | undefined
  /** The head gives each step the same variance on purpose: the check for a collapsed model does not apply to it. */
  readonly isFlat?: boolean
  /** A scalar that training adds to the loss, once for each of its terms: a head's pull towards simple forecasts. */
  readonly penalty?: Value
}

export type ProcessTails =
  | { readonly kind: 'normal' }
  /** Of each step, scaled to the variance above: [batch, 1], above 2. */
  | { readonly kind: 'student'; readonly degreesOfFreedom: Value }

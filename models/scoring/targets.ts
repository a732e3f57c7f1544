import { z } from 'zod'
import { divide, exp, maximum, multiply, times } from '#models/graph/arithmetic'
import type { Value } from '#models/graph/graph'
import { reduceSum } from '#models/graph/reduce'
import type { Process } from '#models/process/process'
import { FitError, type LossTarget } from '#models/registry/component'
import { basisPoints } from './changes.ts'
import { knownTerms, scoredTerms, sumTerms } from './scored-terms.ts'

export const ofSetting = (usual: 'steps' | 'intervals') =>
  z
    .enum(['steps', 'intervals'])
    .default(usual)
    .describe('What is scored: each step, or the moves over the intervals that the subnet scores.')

export const pathsSetting = z
  .int()
  .min(4)
  .max(1024)
  .default(32)
  .describe('How many paths are drawn for each window; time and memory grow with it, 16 to 64 are enough.')

export const alphaSetting = (usual: number) =>
  z
    .number()
    .min(0)
    .max(1)
    .default(usual)
    .describe('How much of the bias of few drawn paths is taken away: 0 none, as if they were the answer; 1 all, fair.')

/** Moves in basis points, and how to get a forecast of them from one of the steps. */
export interface Moves {
  /** [batch, terms]. */
  readonly real: Value
  readonly known: Value
  /** Sums over the last dimension: of variances, of means or of log-returns. */
  sum(x: Value): Value
}

export function movesOf(of: 'steps' | 'intervals', { logReturns, known, ...facts }: LossTarget): Moves {
  if (of === 'steps') return { real: times(logReturns, basisPoints), known, sum: (x) => x }
  const terms = scoredTerms({ ...facts, steps: known.shape[1]! })
  return {
    real: times(sumTerms(logReturns, terms), basisPoints),
    known: knownTerms(known, terms),
    sum: (x) => sumTerms(x, terms),
  }
}

/** Variances of moves in squared basis points, and their means in basis points. */
export function momentsOf(
  process: Process,
  { sum }: Moves,
): { readonly variances: Value; readonly means: Value | undefined } {
  return {
    variances: times(sum(exp(process.logVariance)), basisPoints * basisPoints),
    means: process.drift === undefined ? undefined : times(sum(process.drift), basisPoints),
  }
}

/** The mean over all known terms of the batch. */
export function meanOfKnown(values: Value, known: Value): Value {
  const axes = [0, 1]
  const count = maximum(reduceSum(known, { axes }), known.graph.constant(1))
  return divide(reduceSum(multiply(values, known), { axes }), count)
}

/** A closed form over normal steps is asked of a process with other tails. */
export function needNormalTails(loss: string, { tails }: Process): void {
  if (tails.kind === 'normal') return
  throw new FitError(`${loss} is for normal tails; use crps_student_t, crps_almost_fair or validator`)
}

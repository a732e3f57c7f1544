import { z } from 'zod'
import { exp, multiply, times } from '#models/graph/arithmetic'
import { linear } from '#models/graph/composites'
import type { Value } from '#models/graph/graph'
import type { Scope } from '#models/graph/scope'
import { unsqueeze } from '#models/graph/shape-operators'
import { degreesOfFreedomOf, driftShareOf, levelLogSdOf, logVarianceOf } from './limits.ts'
import type { Process } from './process.ts'

/** What each head can say beside the variances. */
export const levelSetting = z
  .boolean()
  .default(false)
  .describe('Whether the volatility of a whole path is uncertain, by an amount that the network says.')
export const driftSetting = z
  .boolean()
  .default(false)
  .describe('Whether steps have a mean. No published evidence shows a gain, and a model with drift is not served.')
export const tailsSetting = z
  .enum(['normal', 'student'])
  .default('normal')
  .describe('The shape of one step; of student, the network says the degrees of freedom.')

export const processSettings = { tails: tailsSetting, level: levelSetting, drift: driftSetting }

export interface ProcessChoices {
  readonly tails: 'normal' | 'student'
  readonly level: boolean
  readonly drift: boolean
}

export interface UnfinishedProcess {
  /** [batch, steps], with parts [batch, parts, steps]: how far the log-variance is from a typical one, without limits. */
  readonly raw: Value
  readonly weights?: Value
  readonly isFlat?: boolean
  /** The mean of a step over its standard deviation, without limits. By default one number from the pooled width. */
  rawDrift?(): Value
}

/** Limits the variances and adds what the settings ask for, from the pooled width. */
export function finishProcess(
  scope: Scope,
  { pooled, stepSeconds }: { readonly pooled: Value; readonly stepSeconds: number },
  { tails, level, drift }: ProcessChoices,
  { raw, weights, isFlat = false, rawDrift }: UnfinishedProcess,
): Process {
  const logVariance = logVarianceOf(raw, stepSeconds)
  const one = (name: string) => scope.within(name, (inner) => linear(inner, pooled, 1))
  const ownDrift = () => {
    const parts = raw.shape.length === 3 ? raw.shape[1]! : 1
    const share = scope.within('drift', (inner) => linear(inner, pooled, parts))
    return raw.shape.length === 3 ? unsqueeze(share, [2]) : share
  }
  return {
    stepSeconds,
    logVariance,
    weights,
    drift: drift ? multiply(driftShareOf((rawDrift ?? ownDrift)()), exp(times(logVariance, 0.5))) : undefined,
    tails:
      tails === 'normal' ? { kind: 'normal' } : { kind: 'student', degreesOfFreedom: degreesOfFreedomOf(one('tails')) },
    levelLogSd: level ? levelLogSdOf(one('level')) : undefined,
    isFlat,
  }
}

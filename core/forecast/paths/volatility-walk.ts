/** The log-volatility of many paths, step by step: what all steps share, plus factors that revert. */
import { exp } from './distributions/elementary.ts'
import type { PathMath } from './path-math.ts'
import type { ProcessParameters, VolatilityFactor } from './process-parameters.ts'

/** Fills a column with standard normal numbers; the stream separates factors, the step separates times. */
export type NormalDraws = (out: Float64Array, stream: number, step: number) => void

/** Streams of draws: the increments themselves, what all steps of a path share, then one per reverting factor. */
export const incrementStream = 0
export const sharedStream = 1
const firstFactorStream = 2

export interface RevertingFactor {
  readonly keep: number
  readonly gain: number
  readonly startSd: number
}

export interface FactorPlan {
  readonly sharedSd: number
  readonly reverting: readonly RevertingFactor[]
  /** Variance of the log-volatility at each step. */
  readonly logVariances: Float64Array
  /** The law of the volatility is the same at every step. */
  readonly isStationary: boolean
}

export function planFactors({ stepSeconds, stepVariances, volatilityFactors }: ProcessParameters): FactorPlan {
  const active = volatilityFactors.filter((factor) => factor.logSd > 0 || startSdOf(factor) > 0)
  const lasting = active.filter(({ halfLifeSeconds }) => halfLifeSeconds === Number.POSITIVE_INFINITY)
  const reverting = active
    .filter(({ halfLifeSeconds }) => halfLifeSeconds !== Number.POSITIVE_INFINITY)
    .map((factor) => {
      const keep = exp((-Math.LN2 * stepSeconds) / factor.halfLifeSeconds)
      return { keep, gain: factor.logSd * Math.sqrt(1 - keep * keep), startSd: startSdOf(factor), logSd: factor.logSd }
    })
  // A factor that never reverts stays at its start.
  const sharedVariance = lasting.reduce((sum, factor) => sum + startSdOf(factor) * startSdOf(factor), 0)
  const logVariances = new Float64Array(stepVariances.length).fill(sharedVariance)
  for (const { keep, gain, startSd } of reverting) {
    let variance = startSd * startSd
    for (let k = 0; k < logVariances.length; k += 1) {
      logVariances[k] = logVariances[k]! + variance
      variance = keep * keep * variance + gain * gain
    }
  }
  return {
    sharedSd: Math.sqrt(sharedVariance),
    reverting,
    logVariances,
    isStationary: reverting.every(({ startSd, logSd }) => startSd === logSd),
  }
}

function startSdOf({ logSd, startLogSd = logSd }: VolatilityFactor): number {
  return startLogSd
}

export interface WalkColumns {
  /** Standard normal numbers that all steps of a path share; used unchanged. */
  readonly shared: Float64Array
  readonly states: readonly Float64Array[]
  readonly logs: Float64Array
  readonly draws: Float64Array
}

/** Sets `columns.logs` to `multiple` times the log-volatility of step k (its mean is 0). Call it in order of steps. */
export function walkTo(
  step: number,
  multiple: number,
  plan: FactorPlan,
  columns: WalkColumns,
  math: PathMath,
  draw: NormalDraws,
): void {
  columns.logs.fill(0)
  math.addScaled(columns.logs, multiple * plan.sharedSd, columns.shared)
  for (const [i, { keep, gain, startSd }] of plan.reverting.entries()) {
    const state = columns.states[i]!
    draw(columns.draws, firstFactorStream + i, step)
    if (step === 0) {
      state.fill(0)
      math.addScaled(state, startSd, columns.draws)
    } else {
      math.decay(state, keep, gain, columns.draws)
    }
    math.addScaled(columns.logs, multiple, state)
  }
}

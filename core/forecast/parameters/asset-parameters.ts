import type { Horizon } from '#core/synth/prompts/horizon'

/** How far the calibrated model departs from the set that was fitted. What is absent is neutral. */
export interface CalibratedTuning {
  /** Factor on the size of every move. */
  readonly level?: number
  /** Factor on the log-sd of a path's level. */
  readonly levelSd?: number
  /** Factor on the log-sd of a single step: the weight of its tails. */
  readonly tail?: number
  /** Share of its weight that each half-life hands to the next faster one; below zero, to the next slower one. */
  readonly memory?: number
}

/**
 * The tunable numbers of one asset. Each changes through the same gate; the daemon applies an approved set at a full
 * minute.
 */
export interface AssetParameters {
  /** Decay of the EWMA variance per minute. */
  readonly lambda: number
  /** Degrees of freedom of its tails. */
  readonly df: number
  /** Largest standard deviation of a day. */
  readonly sigmaCapDaily: number
  /** Factor on the standard deviation of hour-long prompts. */
  readonly shrinkHigh: number
  /** The model on the first rung, by horizon; `blend` uses the weights below. */
  readonly champion: { readonly low: string; readonly high: string }
  /** Share of each model in the blend, by horizon. */
  readonly blend: {
    readonly low: Readonly<Record<string, number>>
    readonly high: Readonly<Record<string, number>>
  }
  /** Absent while all is neutral: a set without it has the hash that it had before there was any. */
  readonly calibrated?: { readonly low?: CalibratedTuning; readonly high?: CalibratedTuning }
}

/** Defaults with every approved change applied. */
export interface ParametersInForce {
  /** Rises with every change that takes effect. */
  readonly revision: number
  of(asset: string): AssetParameters
  /** The champion before the last change of this field: the second rung. */
  previousChampion(asset: string, horizon: Horizon): string | undefined
}

/** Each forecast reads it again; a returned object never changes. */
export interface ParameterSource {
  inForce(): ParametersInForce
}

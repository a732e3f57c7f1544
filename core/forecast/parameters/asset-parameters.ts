import type { Horizon } from '#core/synth/prompts/horizon'

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

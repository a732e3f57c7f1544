import type { Horizon } from '#core/synth/prompts/horizon'

/**
 * The numbers of one asset that a proposal may change. Each goes through the same gate; the daemon takes an approved
 * set at a minute boundary.
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
  /** Which model answers first, by horizon; `blend` takes the weights below. */
  readonly champion: { readonly low: string; readonly high: string }
  /** Share of each model in the blend, by horizon. */
  readonly blend: {
    readonly low: Readonly<Record<string, number>>
    readonly high: Readonly<Record<string, number>>
  }
}

/** Defaults with every approved change applied. */
export interface ParametersInForce {
  /** Counts up with every change that takes effect. */
  readonly revision: number
  of(asset: string): AssetParameters
  /** The champion before the last change of this pointer: the second rung. */
  previousChampion(asset: string, horizon: Horizon): string | undefined
}

/** Read afresh by each forecast; what it returns never changes while it is held. */
export interface ParameterSource {
  inForce(): ParametersInForce
}

import { dayMs } from '#core/base/time/units'
import { type Horizon, horizons } from '#core/synth/prompts/horizon'
import { AssetState } from './asset-state.ts'
import type { CalibratedSets } from './calibrated-sets.ts'
import { EwmaTrack } from './ewma-track.ts'
import { MemoryTrack } from './memory-track.ts'

/**
 * How far back a rebuilt state reads minutes. Of the slowest average, with a half-life of 30 days, 2 % are from before that:
 * a rebuilt state differs by less than that from an older one.
 */
export const stateReachMs = 180 * dayMs

export interface EmptyStateRules {
  readonly lambda: number
  readonly sets: Pick<CalibratedSets, 'find'>
}

/** The state of an asset before its first minute. */
export function emptyState(asset: string, { lambda, sets }: EmptyStateRules): AssetState {
  return new AssetState(new EwmaTrack(asset, lambda), emptyMemories(asset, sets))
}

/** One for each horizon that has a parameter set. */
export function emptyMemories(asset: string, sets: EmptyStateRules['sets']): [Horizon, MemoryTrack][] {
  return horizons.flatMap((horizon) => {
    const set = sets.find(asset, horizon)
    return set === undefined ? [] : [[horizon, new MemoryTrack(set)] as [Horizon, MemoryTrack]]
  })
}

import { deepFreeze } from '#core/base/json/deep-freeze'
import type { AssetParameters, ParametersInForce } from '#core/forecast/parameters/asset-parameters'
import type { Horizon } from '#core/synth/prompts/horizon'
import { type GovernanceState, parametersOf, revertedAtMs, revisionAt } from './governance-state.ts'

/** The set of one instant. It never changes: a forecast that began with it also ends with it. */
export function parametersInForce(state: GovernanceState, atMs: number): ParametersInForce {
  const known = new Map<string, AssetParameters>()
  return {
    revision: revisionAt(state, atMs),
    of: (asset) => {
      const found = known.get(asset) ?? deepFreeze(parametersOf(state, asset, atMs))
      known.set(asset, found)
      return found
    },
    previousChampion: (asset, horizon) => previousChampion(state, { asset, horizon, atMs }),
  }
}

/** Of the last change of the pointer that still holds: a champion that was reverted is nobody to fall back on. */
function previousChampion(
  state: GovernanceState,
  { asset, horizon, atMs }: { asset: string; horizon: Horizon; atMs: number },
): string | undefined {
  const last = state.changes.findLast(
    (change) =>
      change.asset === asset &&
      change.slot === `champion_${horizon}` &&
      change.effectiveAtMs <= atMs &&
      (revertedAtMs(change) ?? Number.POSITIVE_INFINITY) > atMs,
  )
  return last === undefined ? undefined : String(last.oldValue)
}

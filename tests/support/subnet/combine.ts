import type { RewardRow } from '#core/synth/scoring/moving-average'

/**
 * Adds each miner's weights over the competitions, in their order; the first competition a miner appears in lends its
 * other fields. A competition without rewards contributes nothing, hence the others grow when weights are normalised.
 */
export function combineCompetitions(competitions: readonly (readonly RewardRow[])[]): RewardRow[] {
  const combined = new Map<number, RewardRow>()
  for (const row of competitions.flat()) {
    const known = combined.get(row.minerId)
    combined.set(
      row.minerId,
      known === undefined ? row : { ...known, rewardWeight: known.rewardWeight + row.rewardWeight },
    )
  }
  return [...combined.values()]
}

export interface UidWeight {
  readonly uid: number
  readonly weight: number
}

/** The list that goes on chain. Under `equalToSum` the owner's uid is appended with as much as all miners together. */
export function addOwnerShare(
  rewards: readonly RewardRow[],
  owner: { readonly rule: 'equalToSum' | 'none'; readonly uid: number },
): UidWeight[] {
  const weights = rewards.map(({ minerUid, rewardWeight }) => ({ uid: minerUid, weight: rewardWeight }))
  switch (owner.rule) {
    case 'none':
      return weights
    case 'equalToSum':
      return [...weights, { uid: owner.uid, weight: weights.reduce((sum, { weight }) => sum + weight, 0) }]
  }
}

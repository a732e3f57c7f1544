import { hourMs } from '#core/base/time/units'
import type { MetagraphSnapshot } from './metagraph.ts'

/** A node may lag a little behind another one, and a reorganisation takes some blocks back. */
const toleratedStepBackBlocks = 50
/** A chain that stays behind for this long was set back on purpose, as test chains are. */
const setBackAfterMs = hourMs

/**
 * Whether a new snapshot may replace the present one. A snapshot is always complete (build-snapshot.ts); here it is
 * compared with what we know. If it is refused, the previous one stays in use.
 */
export function whyNotAccept(
  candidate: MetagraphSnapshot,
  previous: MetagraphSnapshot | undefined,
): string | undefined {
  if (previous === undefined || previous.genesisHash !== candidate.genesisHash) return undefined
  if (candidate.netuid !== previous.netuid) return `it is of subnet ${candidate.netuid}, not ${previous.netuid}`
  const isSetBack = candidate.takenAtMs - previous.takenAtMs > setBackAfterMs
  if (candidate.block < previous.block - toleratedStepBackBlocks && !isSetBack) {
    return `its block ${candidate.block} is far behind ${previous.block}`
  }
  return undefined
}

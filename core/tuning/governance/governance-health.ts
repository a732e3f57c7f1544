import type { PartHealth } from '#core/base/health/health-board'
import { counted } from '#core/base/text/counted'
import { dayMs } from '#core/base/time/units'
import { type Change, type GovernanceState, statusOf } from './governance-state.ts'

/** How long an automatic undo is shown. */
const rollbackShownMs = dayMs

/** Degraded while a change that scores worse is effective, and for a day after the miner undid one. */
export function governanceHealth(state: GovernanceState, nowMs: number): PartHealth {
  const worse = state.changes.filter((change) => isWorseInForce(state, change))
  if (worse.length > 0) {
    const names = worse.map(nameChange).join(', ')
    return {
      state: 'degraded',
      sentence: `${names} scores worse than the previous value.`,
      hint: `Look at "tuner history", then "tuner revert ${worse[0]!.id}".`,
    }
  }
  const undone = state.changes.filter((change) => isFreshRollback(change, nowMs))
  if (undone.length > 0) {
    return {
      state: 'degraded',
      sentence: `${undone.map(nameChange).join(', ')} scored worse than the previous value and was undone.`,
      hint: 'Nothing to do; "tuner history" shows the scores.',
    }
  }
  const open = state.changes.filter((change) => statusOf(change) === 'observed')
  const total = state.changes.length
  const observed = open.length === 0 ? 'none is observed' : `observed: ${open.map(nameChange).join(', ')}`
  return {
    state: 'ok',
    sentence: total === 0 ? 'All parameters are the defaults.' : `${counted(total, 'change')}, ${observed}.`,
  }
}

/** The newest finding about a change that is still effective, unless a newer change of the same slot replaced it. */
function isWorseInForce(state: GovernanceState, change: Change): boolean {
  if (statusOf(change) === 'reverted') return false
  const isReplaced = state.changes.some(
    (other) =>
      other.id > change.id &&
      other.asset === change.asset &&
      other.slot === change.slot &&
      statusOf(other) !== 'reverted',
  )
  return !isReplaced && (change.verdicts.at(-1) ?? change.observations.at(-1))?.assessment === 'worse'
}

function isFreshRollback(change: Change, nowMs: number): boolean {
  const last = change.verdicts.at(-1)
  return last?.decision === 'reverted' && last.by === 'daemon' && nowMs - last.atMs < rollbackShownMs
}

function nameChange({ id, asset, parameter, oldValue, newValue }: Change): string {
  return `change ${id} (${asset} ${parameter.name} ${oldValue} to ${newValue})`
}

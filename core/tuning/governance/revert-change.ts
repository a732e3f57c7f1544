import type { GovernanceRefusal } from './governance-error.ts'
import { type Change, type GovernanceState, openChangeOf, statusOf } from './governance-state.ts'
import type { NewLedgerEntry } from './ledger.ts'
import type { Assessment } from './ledger-events.ts'
import type { PairedComparison } from './paired-comparison.ts'
import { nextMinuteMs, refuseClock, refuseReason } from './propose-change.ts'

export interface Revert {
  readonly changeId: number
  readonly reason: string
  /** Nobody typed the reason. */
  readonly isDefaultReason?: boolean
  readonly by: 'operator' | 'daemon'
  readonly nowMs: number
  readonly assessment: Assessment
  readonly comparison: PairedComparison | null
}

export type RevertAnswer =
  | { readonly ok: true; readonly entry: NewLedgerEntry; readonly change: Change }
  | { readonly ok: false; readonly refusal: GovernanceRefusal }

/** Undoing needs no wait and no evidence: it returns to a known state. */
export function revertChange(state: GovernanceState, revert: Revert): RevertAnswer {
  const { changeId, reason, by, nowMs, assessment, comparison } = revert
  const change = state.changes[changeId - 1]
  if (change === undefined) {
    const count = state.changes.length
    const message = count === 0 ? 'There is no change yet.' : `There is no change ${changeId}; the newest is ${count}.`
    return { ok: false, refusal: { code: 'CHANGE_UNKNOWN', message } }
  }
  const refusal = refuseReason(reason) ?? refuseState(state, change) ?? refuseClock(state, nowMs)
  if (refusal !== undefined) return { ok: false, refusal }
  const effectiveAtMs = nextMinuteMs(nowMs)
  const mark = revert.isDefaultReason === true ? { isDefaultReason: true as const } : {}
  const body = { decision: 'reverted' as const, assessment, comparison, by, reason, ...mark, effectiveAtMs }
  return { ok: true, change, entry: { kind: 'verdict', asset: change.asset, changeId, atMs: nowMs, body } }
}

function refuseState(state: GovernanceState, change: Change): GovernanceRefusal | undefined {
  const { id, asset, parameter } = change
  const refuse = (why: string): GovernanceRefusal => ({
    code: 'CHANGE_NOT_REVERTIBLE',
    message: `Change ${id} ${why}.`,
  })
  if (statusOf(change) === 'reverted') return refuse('was reverted already')
  // Undoing another change now would hide what the open one does.
  const open = openChangeOf(state, asset)
  if (open !== undefined && open.id !== id)
    return refuse(`cannot be undone while change ${open.id} of ${asset} is under observation`)
  const later = state.changes.find(
    (other) => other.id > id && other.asset === asset && other.slot === change.slot && statusOf(other) !== 'reverted',
  )
  if (later !== undefined) return refuse(`of ${parameter.name} was followed by change ${later.id}, which depends on it`)
  return undefined
}

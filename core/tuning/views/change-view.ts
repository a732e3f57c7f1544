import { z } from 'zod'
import { Instant } from '#core/base/json/shape-parts'
import { formatInstant } from '#core/synth/regimes/instant'
import { observedUntilMs } from '../governance/eligibility.ts'
import { type Evidence, isImprovement } from '../governance/evidence.ts'
import { type Change, statusOf } from '../governance/governance-state.ts'
import { assessments } from '../governance/ledger-events.ts'
import { PairedComparison } from '../governance/paired-comparison.ts'
import type { Reach } from '../governance/reach.ts'
import type { LedgerVerification } from '../governance/verify-ledger.ts'
import { ReachShape, viewReach } from './reach-view.ts'
import { instantOrNull, type Shown, Value } from './view-parts.ts'

export const EvidenceShape = z.strictObject({
  id: z.int(),
  asset: z.string(),
  parameter: z.string(),
  oldValue: Value,
  newValue: Value,
  from: Instant,
  to: Instant,
  comparison: PairedComparison,
})

export const ChangeShape = z
  .strictObject({
    id: z.int(),
    asset: z.string(),
    parameter: z.string(),
    oldValue: Value,
    newValue: Value,
    status: z.enum(['observed', 'kept', 'reverted']),
    reason: z.string(),
    isDefaultReason: z.boolean().describe('nobody typed the reason'),
    by: z.enum(['operator', 'daemon']),
    isForced: z.boolean(),
    evidence: z.strictObject({ id: z.int(), comparison: PairedComparison }).nullable(),
    proposedAt: Instant,
    effectiveAt: Instant,
    appliedAt: Instant.nullable().describe('null: no miner has applied it yet'),
    revertAppliedAt: Instant.nullable(),
    observedUntil: Instant,
    observations: z.array(
      z.strictObject({ at: Instant, assessment: z.enum(assessments), comparison: PairedComparison }),
    ),
    verdicts: z.array(
      z.strictObject({
        at: Instant,
        decision: z.enum(['kept', 'reverted']),
        assessment: z.enum(assessments),
        comparison: PairedComparison.nullable(),
        by: z.enum(['operator', 'daemon']),
        reason: z.string(),
        isDefaultReason: z.boolean(),
        effectiveAt: Instant.nullable(),
      }),
    ),
  })
  .meta({ id: 'Change' })

/** Of propose and revert. */
export const ChangedShape = z.strictObject({ change: ChangeShape })
export const MeasuredShape = z.strictObject({ evidence: EvidenceShape, isImprovement: z.boolean(), reach: ReachShape })
/** Of observe. */
export const ObservedShape = z.strictObject({ written: z.int().describe('new entries of the ledger') })

export const HistoryShape = z.strictObject({
  changes: z.array(ChangeShape),
  verification: z
    .strictObject({
      isSound: z.boolean(),
      entryCount: z.int(),
      headHash: z.string(),
      problems: z.array(z.string()),
    })
    .nullable(),
})

export function viewChanged(change: Change): Shown<typeof ChangedShape> {
  return { change: viewChange(change) }
}

export function viewMeasured(evidence: Evidence, reach: Reach): Shown<typeof MeasuredShape> {
  const isBetter = isImprovement(evidence.comparison)
  return { evidence: viewEvidence(evidence), isImprovement: isBetter, reach: viewReach(reach) }
}

/** `verification` only if the ledger was checked. */
export function viewHistory(
  changes: readonly Change[],
  verification: LedgerVerification | undefined,
): Shown<typeof HistoryShape> {
  return { changes: changes.map(viewChange), verification: verification ?? null }
}

export function viewChange(change: Change): Shown<typeof ChangeShape> {
  const { id, asset, parameter, oldValue, newValue, reason, by, isForced, evidence } = change
  return {
    ...{ id, asset, parameter: parameter.name, oldValue, newValue, status: statusOf(change) },
    ...{ reason, isDefaultReason: change.isDefaultReason === true, by, isForced, evidence },
    proposedAt: formatInstant(change.proposedAtMs),
    effectiveAt: formatInstant(change.effectiveAtMs),
    appliedAt: instantOrNull(change.appliedAtMs),
    revertAppliedAt: instantOrNull(change.revertAppliedAtMs),
    observedUntil: formatInstant(observedUntilMs(change)),
    observations: change.observations.map(({ atMs, ...seen }) => ({ at: formatInstant(atMs), ...seen })),
    verdicts: change.verdicts.map(({ atMs, effectiveAtMs, isDefaultReason, ...verdict }) => ({
      at: formatInstant(atMs),
      ...verdict,
      isDefaultReason: isDefaultReason === true,
      effectiveAt: instantOrNull(effectiveAtMs),
    })),
  }
}

export function viewEvidence(evidence: Evidence): Shown<typeof EvidenceShape> {
  const { id, asset, parameter, oldValue, newValue, comparison, fromMs, toMs } = evidence
  return { id, asset, parameter, oldValue, newValue, from: formatInstant(fromMs), to: formatInstant(toMs), comparison }
}

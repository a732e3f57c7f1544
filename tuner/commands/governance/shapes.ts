import { z } from 'zod'
import { Instant } from '#core/base/json/shape-parts'
import { formatInstant } from '#core/synth/regimes/instant'
import { observedUntilMs } from '#core/tuning/governance/eligibility'
import type { Evidence } from '#core/tuning/governance/evidence'
import { type Change, statusOf } from '#core/tuning/governance/governance-state'
import { assessments } from '#core/tuning/governance/ledger-events'
import { PairedComparison } from '#core/tuning/governance/paired-comparison'

/** What `--json` prints; docs/governance.md shows one of each, and a test reads them through these. */
const Value = z.union([z.number(), z.string()])

const ObstacleShape = z
  .strictObject({
    kind: z.enum(['notStarted', 'firstDays', 'observation', 'betweenChanges', 'quarterly']),
    sentence: z.string(),
    changeId: z.int().nullable(),
    until: Instant.nullable().describe('null: time alone does not remove it'),
  })
  .meta({ id: 'Obstacle' })

export const CheckShape = z.strictObject({
  asset: z.string(),
  parameter: z.string(),
  current: Value,
  source: z.enum(['default', 'tuned', 'trial']).describe('tuned: a change that was kept; trial: one that is observed'),
  eligible: z.boolean(),
  eligibleAt: Instant.nullable().describe(
    'when time alone makes it so; null when it is so, or something has to happen first',
  ),
  obstacles: z.array(ObstacleShape),
  bounds: z.strictObject({ min: z.number(), max: z.number() }).nullable(),
  step: z.number().nullable(),
  choices: z.array(z.string()).nullable().describe('of a champion'),
})

const EvidenceShape = z.strictObject({
  id: z.int(),
  asset: z.string(),
  parameter: z.string(),
  oldValue: Value,
  newValue: Value,
  from: Instant,
  to: Instant,
  comparison: PairedComparison,
})

const ChangeShape = z
  .strictObject({
    id: z.int(),
    asset: z.string(),
    parameter: z.string(),
    oldValue: Value,
    newValue: Value,
    status: z.enum(['observed', 'kept', 'reverted']),
    reason: z.string(),
    by: z.enum(['operator', 'daemon']),
    isForced: z.boolean(),
    evidence: z.strictObject({ id: z.int(), comparison: PairedComparison }).nullable(),
    proposedAt: Instant,
    effectiveAt: Instant,
    appliedAt: Instant.nullable().describe('null: no miner has taken it yet'),
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
        effectiveAt: Instant.nullable(),
      }),
    ),
  })
  .meta({ id: 'Change' })

/** Of propose and revert. */
export const ChangedShape = z.strictObject({ change: ChangeShape })
export const MeasuredShape = z.strictObject({ evidence: EvidenceShape, isImprovement: z.boolean() })
/** Of observe. */
export const ObservedShape = z.strictObject({ written: z.int().describe('entries that the ledger got') })

export const CurrentShape = z.strictObject({
  at: Instant,
  revision: z.int(),
  minerStartedAt: Instant.nullable(),
  assets: z.array(
    z.strictObject({
      asset: z.string(),
      parameters: z.array(
        z.strictObject({
          parameter: z.string(),
          value: z.union([Value, z.record(z.string(), z.number())]),
          source: z.enum(['default', 'tuned', 'trial']),
          changeId: z.int().nullable(),
          since: Instant.nullable(),
          appliedAt: Instant.nullable().describe('when the miner took it; null for defaults, and while no miner has'),
        }),
      ),
      openChangeId: z.int().nullable(),
      nextChangeAt: Instant.nullable().describe('at the earliest; null when something has to happen first'),
      pendingChangeIds: z.array(z.int()).describe('let through, but not in force before the next full minute'),
    }),
  ),
})

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

export const SuggestShape = z.strictObject({
  suggestions: z.array(
    z.strictObject({
      asset: z.string(),
      parameter: z.string(),
      oldValue: Value,
      newValue: Value,
      because: z.string(),
      eligible: z.boolean(),
      obstacles: z.array(ObstacleShape),
    }),
  ),
})

type Written<S extends z.ZodType> = z.input<S>

export function changeToJson(change: Change): Written<typeof ChangeShape> {
  const { id, asset, parameter, oldValue, newValue, reason, by, isForced, evidence } = change
  return {
    ...{ id, asset, parameter: parameter.name, oldValue, newValue, status: statusOf(change) },
    ...{ reason, by, isForced, evidence },
    proposedAt: formatInstant(change.proposedAtMs),
    effectiveAt: formatInstant(change.effectiveAtMs),
    appliedAt: instantOrNull(change.appliedAtMs),
    revertAppliedAt: instantOrNull(change.revertAppliedAtMs),
    observedUntil: formatInstant(observedUntilMs(change)),
    observations: change.observations.map(({ atMs, ...seen }) => ({ at: formatInstant(atMs), ...seen })),
    verdicts: change.verdicts.map(({ atMs, effectiveAtMs, ...verdict }) => ({
      at: formatInstant(atMs),
      ...verdict,
      effectiveAt: instantOrNull(effectiveAtMs),
    })),
  }
}

export function evidenceToJson(evidence: Evidence): Written<typeof EvidenceShape> {
  const { id, asset, parameter, oldValue, newValue, comparison, fromMs, toMs } = evidence
  return { id, asset, parameter, oldValue, newValue, from: formatInstant(fromMs), to: formatInstant(toMs), comparison }
}

export function obstacleToJson(obstacle: {
  kind: z.output<typeof ObstacleShape>['kind']
  sentence: string
  changeId: number | undefined
  untilMs: number | undefined
}): Written<typeof ObstacleShape> {
  const { kind, sentence, changeId, untilMs } = obstacle
  return { kind, sentence, changeId: changeId ?? null, until: instantOrNull(untilMs) }
}

export function instantOrNull(ms: number | null | undefined): string | null {
  return ms === undefined || ms === null ? null : formatInstant(ms)
}

import { formatDay, formatMinute } from '#core/base/time/instant-text'
import { dayMs } from '#core/base/time/units'
import type { GovernanceConfig } from './governance-config.ts'
import type { GovernanceRefusal } from './governance-error.ts'
import { type Change, type GovernanceState, isPreparation, openChangeOf } from './governance-state.ts'
import { ownWaitDays, type Parameter } from './parameter-catalogue.ts'

export const firstChangeDays = 14
export const betweenChangesDays = 30
export const observationDays = 14

export interface EligibilityQuestion {
  readonly asset: string
  readonly parameter: Parameter
  readonly nowMs: number
  /** When the miner first ran on this database; undefined if it never did. */
  readonly minerStartedAtMs: number | undefined
  readonly mode: GovernanceConfig['mode']
}

export interface Obstacle {
  readonly kind: 'noEffect' | 'notStarted' | 'firstDays' | 'observation' | 'betweenChanges' | 'quarterly'
  readonly sentence: string
  readonly changeId: number | undefined
  /** When time alone removes it; undefined if something must happen first. */
  readonly untilMs: number | undefined
}

/** Everything that prevents a change now; none: it may be proposed. */
export function findObstacles(state: GovernanceState, question: EligibilityQuestion): Obstacle[] {
  return [
    ...sinceStart(question),
    ...openChange(state, question),
    ...betweenChanges(state, question),
    ...quarterly(state, question),
  ]
}

export function refuseFor(obstacles: readonly Obstacle[]): GovernanceRefusal | undefined {
  const [first] = obstacles
  if (first === undefined) return undefined
  return {
    code: first.kind === 'observation' ? 'CHANGE_IN_OBSERVATION' : 'CHANGE_TOO_EARLY',
    message: obstacles.map(({ sentence }) => sentence).join(' '),
    ...(first.kind === 'notStarted' ? { hint: 'Start the miner: "miner start"; its first day counts from then.' } : {}),
  }
}

/** The earliest end of an observation: it counts from when the daemon applied the change. */
export function observedUntilMs(change: Change): number {
  return (change.appliedAtMs ?? change.effectiveAtMs) + observationDays * dayMs
}

function sinceStart({ minerStartedAtMs, nowMs }: EligibilityQuestion): Obstacle[] {
  if (minerStartedAtMs === undefined) {
    const sentence = `The miner has not run on this database yet; the first change may come ${firstChangeDays} days after its first start.`
    return [{ kind: 'notStarted', sentence, changeId: undefined, untilMs: undefined }]
  }
  const untilMs = minerStartedAtMs + firstChangeDays * dayMs
  if (nowMs >= untilMs) return []
  const sentence = `The miner first ran on ${formatDay(minerStartedAtMs)}; the first change may come ${firstChangeDays} days later, on ${formatMinute(untilMs)}.`
  return [{ kind: 'firstDays', sentence, changeId: undefined, untilMs }]
}

function openChange(state: GovernanceState, { asset, nowMs }: EligibilityQuestion): Obstacle[] {
  const open = openChangeOf(state, asset)
  if (open === undefined) return []
  const untilMs = observedUntilMs(open)
  const when =
    nowMs < untilMs ? `is under observation until ${formatMinute(untilMs)}` : 'waits for the verdict of the miner'
  const sentence = `Change ${open.id} (${open.parameter.name}) of ${asset} ${when}; until then nothing else of ${asset} may change.`
  return [{ kind: 'observation', sentence, changeId: open.id, untilMs: nowMs < untilMs ? untilMs : undefined }]
}

function betweenChanges(state: GovernanceState, question: EligibilityQuestion): Obstacle[] {
  const { asset, parameter, mode } = question
  // A reverted change counts too: the wait prevents trying and undoing until luck helps.
  const last = state.changes.findLast(
    (change) =>
      change.asset === asset &&
      (mode === 'perAsset' || change.parameter.name === parameter.name) &&
      !isPreparation(change),
  )
  const what = mode === 'perAsset' ? asset : `${parameter.name} of ${asset}`
  return waitAfter(last, { kind: 'betweenChanges', days: betweenChangesDays, what }, question)
}

function quarterly(state: GovernanceState, question: EligibilityQuestion): Obstacle[] {
  const { asset, parameter } = question
  const days = ownWaitDays(parameter)
  if (days === undefined) return []
  const last = state.changes.findLast((change) => change.asset === asset && change.parameter.name === parameter.name)
  return waitAfter(last, { kind: 'quarterly', days, what: `${parameter.name} of ${asset}` }, question)
}

function waitAfter(
  last: Change | undefined,
  rule: { kind: 'betweenChanges' | 'quarterly'; days: number; what: string },
  { nowMs }: EligibilityQuestion,
): Obstacle[] {
  if (last === undefined) return []
  const untilMs = last.proposedAtMs + rule.days * dayMs
  if (nowMs >= untilMs) return []
  const sentence = `${rule.what} was changed on ${formatDay(last.proposedAtMs)} (change ${last.id}, ${last.parameter.name}); two changes must be ${rule.days} days apart, so the next may come on ${formatMinute(untilMs)}.`
  return [{ kind: rule.kind, sentence, changeId: last.id, untilMs }]
}

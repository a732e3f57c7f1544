import type { AssetParameters } from '#core/forecast/parameters/asset-parameters'
import { defaultParameters } from '#core/forecast/parameters/default-parameters'
import { type SlotValue, slotOf, withSlot } from './change-parameters.ts'
import { GovernanceError } from './governance-error.ts'
import type { LedgerEntry } from './ledger.ts'
import type { ObservedBody, ProposedBody, VerdictBody } from './ledger-events.ts'
import { type Parameter, toParameter } from './parameter-catalogue.ts'
import { withRightTimes } from './right-times.ts'

/** One change and everything that happened to it. */
export interface Change extends Omit<ProposedBody, 'parameter' | 'before' | 'after'> {
  readonly id: number
  readonly asset: string
  readonly parameter: Parameter
  readonly slot: string
  readonly before: SlotValue
  readonly after: SlotValue
  readonly proposedAtMs: number
  /** When the daemon began to forecast with it, or without it. */
  readonly appliedAtMs: number | undefined
  readonly revertAppliedAtMs: number | undefined
  readonly observations: readonly (ObservedBody & { readonly atMs: number })[]
  /** The last one counts: a kept change may be reverted later. */
  readonly verdicts: readonly (VerdictBody & { readonly atMs: number })[]
}

/** The state that the entries of a ledger lead to. */
export interface GovernanceState {
  readonly lastEntry: { readonly id: number; readonly atMs: number } | undefined
  /** In the order of proposing; the index of a change is its id - 1. */
  readonly changes: readonly Change[]
  /** The day of the first start where an entry corrects it. */
  readonly correctedStartMs?: number
}

/** From when on the first fourteen days count. */
export function minerStartOf(state: GovernanceState, recordedMs: number | undefined): number | undefined {
  return state.correctedStartMs ?? recordedMs
}

export type ChangeStatus = 'observed' | 'kept' | 'reverted'

export function replayLedger(entries: readonly LedgerEntry[]): GovernanceState {
  const changes: Change[] = []
  const rightEntries = withRightTimes(entries)
  let correctedStartMs: number | undefined
  for (const entry of rightEntries) {
    if (entry.kind === 'clock') {
      if (entry.body.what === 'start') correctedStartMs = entry.body.startedAtMs
      continue
    }
    if (entry.kind === 'proposed') {
      if (entry.changeId !== changes.length + 1) {
        throw contradiction(entry, `proposes change ${entry.changeId} out of order`)
      }
      changes.push(begin(entry))
      continue
    }
    const change = changes[entry.changeId - 1]
    if (change === undefined || change.asset !== entry.asset) {
      throw contradiction(entry, `is about change ${entry.changeId} of ${entry.asset}, which does not exist`)
    }
    changes[entry.changeId - 1] = follow(change, entry)
  }
  const last = rightEntries.at(-1)
  return {
    lastEntry: last === undefined ? undefined : { id: last.id, atMs: last.atMs },
    changes,
    ...(correctedStartMs === undefined ? {} : { correctedStartMs }),
  }
}

function begin(entry: LedgerEntry & { kind: 'proposed' }): Change {
  const { parameter: name, ...body } = entry.body
  const parameter = toParameter(name)
  if (parameter === undefined) throw contradiction(entry, `changes ${name}, which is not a parameter`)
  return {
    ...body,
    id: entry.changeId,
    asset: entry.asset,
    parameter,
    slot: slotOf(parameter),
    proposedAtMs: entry.atMs,
    appliedAtMs: undefined,
    revertAppliedAtMs: undefined,
    observations: [],
    verdicts: [],
  }
}

function follow(change: Change, entry: Exclude<LedgerEntry, { kind: 'proposed' | 'clock' }>): Change {
  const { atMs } = entry
  switch (entry.kind) {
    case 'applied':
      return { ...change, [entry.body.what === 'change' ? 'appliedAtMs' : 'revertAppliedAtMs']: atMs }
    case 'observed':
      return { ...change, observations: [...change.observations, { ...entry.body, atMs }] }
    case 'verdict':
      return { ...change, verdicts: [...change.verdicts, { ...entry.body, atMs }] }
  }
}

function contradiction(entry: LedgerEntry, what: string): GovernanceError {
  return new GovernanceError('LEDGER_DAMAGED', `Entry ${entry.id} of the ledger ${what}.`)
}

export function statusOf(change: Change): ChangeStatus {
  return change.verdicts.at(-1)?.decision ?? 'observed'
}

/** Kept in the moment of its proposal: it altered no answer, was not observed, and nothing waits for it. */
export function isPreparation({ proposedAtMs, verdicts }: Change): boolean {
  return verdicts[0]?.decision === 'kept' && verdicts[0].atMs === proposedAtMs
}

export function openChangeOf(state: GovernanceState, asset: string): Change | undefined {
  return state.changes.find((change) => change.asset === asset && statusOf(change) === 'observed')
}

/** Every change that is effective at the instant, oldest first. */
export function changesInForce(state: GovernanceState, atMs: number): Change[] {
  return state.changes.filter((change) => holdsAt(change, atMs))
}

/** Defaults with every change that is effective at the instant; without an instant, with every approved one. */
export function parametersOf(
  state: GovernanceState,
  asset: string,
  atMs: number = Number.POSITIVE_INFINITY,
): AssetParameters {
  return changesInForce(state, atMs)
    .filter((change) => change.asset === asset)
    .reduce((parameters, { parameter, after }) => withSlot(parameters, parameter, after), defaultParameters(asset))
}

/** How many times the parameters of any asset have changed until then, in both directions. */
export function revisionAt(state: GovernanceState, atMs: number): number {
  return state.changes.reduce(
    (count, change) =>
      count + Number(change.effectiveAtMs <= atMs) + Number((revertedAtMs(change) ?? Infinity) <= atMs),
    0,
  )
}

export function revertedAtMs(change: Change): number | undefined {
  return change.verdicts.find(({ decision }) => decision === 'reverted')?.effectiveAtMs ?? undefined
}

function holdsAt(change: Change, atMs: number): boolean {
  const endMs = revertedAtMs(change)
  return change.effectiveAtMs <= atMs && (endMs === undefined || endMs > atMs)
}

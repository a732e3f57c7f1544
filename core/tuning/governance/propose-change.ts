import { minuteMs } from '#core/base/time/units'
import { blendName } from '#core/forecast/models/model-names'
import type { AssetParameters } from '#core/forecast/parameters/asset-parameters'
import { floorToMinute } from '#core/market/minutes/minute-day'
import { currentValue, readSlot, type SlotValue, sameSlot, slotWith, withSlot } from './change-parameters.ts'
import { findObstacles, refuseFor } from './eligibility.ts'
import { type Evidence, type MeasuredChange, refuseEvidence } from './evidence.ts'
import type { GovernanceConfig } from './governance-config.ts'
import type { GovernanceRefusal } from './governance-error.ts'
import { type GovernanceState, parametersOf, revertedAtMs } from './governance-state.ts'
import type { NewLedgerEntry } from './ledger.ts'
import type { Limits } from './number-parameters.ts'
import {
  isOfBlend,
  limitsOf,
  type Parameter,
  type ParameterValue,
  stepTolerance,
  toParameter,
  valueAway,
} from './parameter-catalogue.ts'
import { describeReach, insteadOf, type Reach, reachOf, type ServedAnswers } from './reach.ts'

export interface Proposal {
  readonly asset: string
  readonly parameter: Parameter
  readonly value: ParameterValue
  readonly reason: string
  /** Nobody typed the reason. */
  readonly isDefaultReason?: boolean
  readonly by: 'operator' | 'daemon'
  /** Allowed without convincing evidence; bounds, steps and waits still apply. */
  readonly isForced: boolean
}

export interface GateCircumstances {
  readonly nowMs: number
  readonly minerStartedAtMs: number | undefined
  readonly settings: Pick<GovernanceConfig, 'mode' | 'limits'>
  readonly served: ServedAnswers
}

/** A proposal, and everything that the rules other than evidence say about it. */
export interface PlannedChange {
  readonly measured: MeasuredChange
  readonly reach: Reach
  /** It alters no answer before the blend is served: there is nothing to measure or to observe. */
  readonly isPreparation: boolean
  readonly oldParameters: AssetParameters
  readonly newParameters: AssetParameters
}

export type PlanOutcome =
  | { readonly ok: true; readonly change: PlannedChange }
  | { readonly ok: false; readonly refusal: GovernanceRefusal }

/**
 * Everything except evidence: value, bounds, step, waits. Checked before measuring, because measuring takes minutes. To
 * only measure a change, no wait applies.
 */
export function planChange(
  state: GovernanceState,
  proposal: Proposal,
  given: GateCircumstances,
  purpose: 'change' | 'measure' = 'change',
): PlanOutcome {
  const { asset, parameter, value } = proposal
  const oldParameters = parametersOf(state, asset)
  const oldValue = currentValue(oldParameters, parameter)
  const before = readSlot(oldParameters, parameter)
  const after = slotWith(oldParameters, parameter, value)
  const limits = limitsOf(asset, parameter, given.settings.limits)
  const reach = reachOf(given.served, asset, parameter, oldParameters)
  const isPreparation = reach.altered === 0 && isOfBlend(parameter)
  const refusal =
    refuseReason(proposal.reason) ??
    (after !== undefined && sameSlot(before, after) ? refuseSame(proposal) : undefined) ??
    (purpose === 'measure' || isPreparation ? undefined : refuseUnreached(proposal, reach, oldParameters, given)) ??
    (limits === undefined ? undefined : refuseValue(proposal, { oldValue, before, after, limits, isPreparation })) ??
    (after === undefined ? refuseLonely(parameter) : undefined) ??
    (purpose === 'measure' ? undefined : refuseWaits(state, proposal, given))
  if (refusal !== undefined || after === undefined) return { ok: false, refusal: refusal ?? refuseLonely(parameter) }
  return {
    ok: true,
    change: {
      measured: { asset, parameter: parameter.name, oldValue, newValue: value, before, after },
      oldParameters,
      newParameters: withSlot(oldParameters, parameter, after),
      reach,
      isPreparation,
    },
  }
}

export type Gate =
  | { readonly ok: true; readonly changeId: number; readonly entries: readonly NewLedgerEntry[] }
  | { readonly ok: false; readonly refusal: GovernanceRefusal }

/** The whole gate. It runs inside the transaction that writes the entry, so that nothing can have changed since. */
export function proposeChange(
  state: GovernanceState,
  proposal: Proposal,
  given: GateCircumstances & { readonly evidence: Evidence | undefined },
): Gate {
  const planned = planChange(state, proposal, given)
  if (!planned.ok) return planned
  const { measured, isPreparation } = planned.change
  const { asset, ...body } = measured
  const { evidence, nowMs } = given
  if (evidence === undefined && !proposal.isForced && !isPreparation) {
    return { ok: false, refusal: withoutEvidence(proposal) }
  }
  const refusal =
    evidence === undefined
      ? undefined
      : (refuseEvidence(evidence, measured, nowMs) ?? refuseOtherShares(state, proposal, evidence))
  if (refusal !== undefined && !(proposal.isForced && refusal.code === 'EVIDENCE_NOT_CONVINCING')) {
    return { ok: false, refusal }
  }
  const about = { asset, changeId: state.changes.length + 1, atMs: nowMs }
  const proposed: NewLedgerEntry = {
    ...about,
    kind: 'proposed',
    body: {
      ...body,
      reason: proposal.reason,
      ...(proposal.isDefaultReason === true ? { isDefaultReason: true } : {}),
      by: proposal.by,
      isForced: proposal.isForced,
      evidence: evidence === undefined ? null : { id: evidence.id, comparison: evidence.comparison },
      effectiveAtMs: nextMinuteMs(nowMs),
    },
  }
  return { ok: true, changeId: about.changeId, entries: isPreparation ? [proposed, keptAtOnce(about)] : [proposed] }
}

/** No answer changes by it, so there is nothing to observe, and the asset stays free for others. */
function keptAtOnce(about: Pick<NewLedgerEntry, 'asset' | 'changeId' | 'atMs'>): NewLedgerEntry {
  return {
    ...about,
    kind: 'verdict',
    body: {
      decision: 'kept',
      assessment: 'unknown',
      comparison: null,
      by: 'operator',
      reason: 'no answer is served by the blend: nothing to observe',
      effectiveAtMs: null,
    },
  }
}

/** Changes in both directions become effective at a full minute: no forecast is made with half of one. */
export function nextMinuteMs(nowMs: number): number {
  return floorToMinute(nowMs) + minuteMs
}

/** Entries stand in the order of their times; waits are counted from them. */
export function refuseClock(state: GovernanceState, nowMs: number): GovernanceRefusal | undefined {
  const { lastEntry } = state
  if (lastEntry === undefined || nowMs >= lastEntry.atMs) return undefined
  return {
    code: 'LEDGER_CLOCK_BEHIND',
    message: `The clock says ${new Date(nowMs).toISOString()}, but the last entry of the ledger was written at ${new Date(lastEntry.atMs).toISOString()}.`,
  }
}

function refuseWaits(
  state: GovernanceState,
  { asset, parameter }: Proposal,
  given: GateCircumstances,
): GovernanceRefusal | undefined {
  const obstacles = findObstacles(state, { ...given, asset, parameter, mode: given.settings.mode })
  return refuseFor(obstacles) ?? refuseClock(state, given.nowMs)
}

const longestReason = 500
/** The older miner's own words for a change without a reason. */
export const defaultReason = 'Manual tuning'

export function refuseReason(reason: string): GovernanceRefusal | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal later
  const isOneLine = !/[\u0000-\u001f\u007f-\u009f]/.test(reason)
  if (reason.trim() !== '' && reason.length <= longestReason && isOneLine) return undefined
  const message =
    reason.trim() === ''
      ? 'The reason is empty.'
      : isOneLine
        ? `The reason has ${reason.length} characters; at most ${longestReason} are allowed.`
        : 'The reason contains a line break or another control character.'
  return { code: 'REASON_INVALID', message }
}

interface ValueMove {
  readonly oldValue: ParameterValue
  readonly before: SlotValue
  readonly after: SlotValue | undefined
  readonly limits: Limits
  readonly isPreparation: boolean
}

function refuseValue(proposal: Proposal, { oldValue, before, after, limits, isPreparation }: ValueMove) {
  const { parameter, value } = proposal
  if (parameter.kind !== 'shares')
    return refuseNumber(proposal, parameter.name, [Number(oldValue), Number(value)], limits)
  const [old, wanted] = [before as Shares, after as Shares]
  const models = [...new Set([...Object.keys(old), ...Object.keys(wanted)])].sort()
  // Shares that alter no answer may be anything: what makes them serve is measured as a whole.
  const each = isPreparation ? { ...limits, step: 1 } : limits
  return models
    .map((model) => refuseNumber(proposal, `${parameter.name}.${model}`, [old[model] ?? 0, wanted[model] ?? 0], each))
    .find((refusal) => refusal !== undefined)
}

type Shares = Readonly<Record<string, number>>

function refuseNumber(
  { asset }: Proposal,
  name: string,
  [oldValue, wanted]: readonly [oldValue: number, wanted: number],
  { min, max, step }: Limits,
): GovernanceRefusal | undefined {
  if (wanted < min || wanted > max) {
    return {
      code: 'CHANGE_OUT_OF_BOUNDS',
      message: `${name} of ${asset} must be between ${min} and ${max}; ${wanted} is not.`,
    }
  }
  if (Math.abs(wanted - oldValue) <= step + stepTolerance) return undefined
  return {
    code: 'CHANGE_STEP_TOO_LARGE',
    message: `${name} of ${asset} is ${oldValue} and may change by ${step} at a time; ${wanted} is further away.`,
  }
}

function refuseLonely(parameter: Parameter): GovernanceRefusal {
  return {
    code: 'PARAMETER_VALUE_INVALID',
    message: `${parameter.name} cannot fall below 1: no other model of the blend could get the rest.`,
    hint: 'Give another model a weight instead, such as blend_low.ewma 0.1; the others then shrink by themselves.',
  }
}

function refuseSame({ asset, parameter, value }: Proposal): GovernanceRefusal {
  return { code: 'CHANGE_WITHOUT_EFFECT', message: `${parameter.name} of ${asset} is already ${value}.` }
}

/** Nothing is opened for it: an observation would block the asset, and see nothing. */
function refuseUnreached(
  { asset, parameter, value }: Proposal,
  reach: Reach,
  parameters: AssetParameters,
  given: GateCircumstances,
): GovernanceRefusal | undefined {
  if (reach.altered > 0) return undefined
  const direction = Math.sign(Number(value) - Number(currentValue(parameters, parameter)))
  const lines = insteadOf(parameter, reach).map(({ name, sign }) => {
    const other = toParameter(name)!
    const away = valueAway(asset, other, currentValue(parameters, other), sign * direction, given.settings.limits)
    return `"tuner propose ${asset} ${name} ${away}"`
  })
  return {
    code: 'CHANGE_WITHOUT_EFFECT',
    message: describeReach(asset, parameter, reach),
    ...(lines.length === 0
      ? { hint: `Run "tuner current --asset ${asset}" to see which parameters have an effect.` }
      : { hint: `What does it for the model that serves: ${lines.join(', or ')}.` }),
  }
}

/** What was measured for a blend as champion was measured with the shares of then. */
function refuseOtherShares(
  state: GovernanceState,
  { asset, parameter, value }: Proposal,
  { id, madeAtMs }: Evidence,
): GovernanceRefusal | undefined {
  if (parameter.kind !== 'champion' || value !== blendName) return undefined
  const slot = `blend_${parameter.horizon}`
  const later = state.changes.find(
    (change) =>
      change.asset === asset &&
      change.slot === slot &&
      Math.max(change.proposedAtMs, revertedAtMs(change) ?? 0) > madeAtMs,
  )
  if (later === undefined) return undefined
  const message = `Evidence ${id} is about other shares of the blend: change ${later.id} moved ${slot} of ${asset} after it.`
  return { code: 'EVIDENCE_UNKNOWN', message }
}

function withoutEvidence({ asset, parameter }: Proposal): GovernanceRefusal {
  return { code: 'EVIDENCE_MISSING', message: `Nothing shows that this change of ${parameter.name} helps ${asset}.` }
}

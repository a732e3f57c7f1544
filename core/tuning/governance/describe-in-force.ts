import { readSlot, type SlotValue, slotOf } from './change-parameters.ts'
import { type EligibilityQuestion, findObstacles } from './eligibility.ts'
import {
  type Change,
  changesInForce,
  type GovernanceState,
  openChangeOf,
  parametersOf,
  statusOf,
} from './governance-state.ts'
import { numberNames } from './number-parameters.ts'
import { type Parameter, toParameter } from './parameter-catalogue.ts'
import { type Reach, reachOf, type ServedAnswers } from './reach.ts'
import { sourceOf, type ValueSource } from './value-source.ts'

export interface SlotInForce {
  readonly slot: string
  readonly value: SlotValue
  readonly source: ValueSource
  readonly change: Change | undefined
  readonly reach: Reach
}

export interface AssetInForce {
  readonly asset: string
  readonly slots: readonly SlotInForce[]
  readonly open: Change | undefined
  /** Undefined: something has to happen first. */
  readonly nextChangeAtMs: number | undefined
  readonly pending: readonly Change[]
}

/** By one member each: a blend is shown whole. */
const shownParameters: readonly Parameter[] = [
  ...numberNames,
  'champion_low',
  'champion_high',
  'blend_low.calibrated',
  'blend_high.calibrated',
].map((name) => toParameter(name)!)

/** What one asset is forecast with, where each value came from, and when the next may change. */
export function describeInForce(
  state: GovernanceState,
  circumstances: Omit<EligibilityQuestion, 'parameter'> & { readonly served: ServedAnswers },
): AssetInForce {
  const { asset, nowMs } = circumstances
  const parameters = parametersOf(state, asset, nowMs)
  const inForce = changesInForce(state, nowMs)
  // The earliest of all parameters: with governance.mode perParameter they may differ.
  const waits = shownParameters.map((parameter) =>
    Math.max(nowMs, ...findObstacles(state, { ...circumstances, parameter }).map(({ untilMs }) => untilMs ?? Infinity)),
  )
  const nextChangeAtMs = Math.min(...waits)
  return {
    asset,
    slots: shownParameters.map((parameter) => {
      const slot = slotOf(parameter)
      const reach = reachOf(circumstances.served, asset, parameter, parameters)
      return { slot, value: readSlot(parameters, parameter), ...sourceOf(state, inForce, { asset, slot }), reach }
    }),
    open: openChangeOf(state, asset),
    nextChangeAtMs: nextChangeAtMs === Infinity ? undefined : nextChangeAtMs,
    pending: state.changes.filter(
      (change) => change.asset === asset && change.effectiveAtMs > nowMs && statusOf(change) === 'observed',
    ),
  }
}

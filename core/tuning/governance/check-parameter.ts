import { currentValue, slotOf } from './change-parameters.ts'
import { type EligibilityQuestion, findObstacles, type Obstacle } from './eligibility.ts'
import { changesInForce, type GovernanceState, parametersOf } from './governance-state.ts'
import type { Limits } from './number-parameters.ts'
import { type LimitOverrides, limitsOf, type Parameter, type ParameterValue } from './parameter-catalogue.ts'
import { sourceOf, type ValueSource } from './value-source.ts'

/** Whether a parameter may be changed now, and to which values. */
export interface ParameterCheck {
  readonly asset: string
  readonly parameter: Parameter
  readonly current: ParameterValue
  readonly source: ValueSource
  /** None: it may be changed. */
  readonly obstacles: readonly Obstacle[]
  /** Undefined for a champion, which is chosen and has no bounds. */
  readonly limits: Limits | undefined
}

export function checkParameter(
  state: GovernanceState,
  question: EligibilityQuestion,
  overrides: LimitOverrides,
): ParameterCheck {
  const { asset, parameter, nowMs } = question
  return {
    asset,
    parameter,
    current: currentValue(parametersOf(state, asset, nowMs), parameter),
    source: sourceOf(state, changesInForce(state, nowMs), { asset, slot: slotOf(parameter) }).source,
    obstacles: findObstacles(state, question),
    limits: limitsOf(asset, parameter, overrides),
  }
}

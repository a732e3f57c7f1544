import { currentValue, slotOf } from './change-parameters.ts'
import { type EligibilityQuestion, findObstacles, type Obstacle } from './eligibility.ts'
import { changesInForce, type GovernanceState, parametersOf } from './governance-state.ts'
import type { Limits } from './number-parameters.ts'
import { isOfBlend, type LimitOverrides, limitsOf, type Parameter, type ParameterValue } from './parameter-catalogue.ts'
import { describeReach, insteadOf, type Reach, reachOf, type ServedAnswers } from './reach.ts'
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
  readonly reach: Reach
}

export function checkParameter(
  state: GovernanceState,
  question: EligibilityQuestion,
  { limits: overrides, served }: { readonly limits: LimitOverrides; readonly served: ServedAnswers },
): ParameterCheck {
  const { asset, parameter, nowMs } = question
  const parameters = parametersOf(state, asset, nowMs)
  const reach = reachOf(served, asset, parameter, parameters)
  return {
    asset,
    parameter,
    current: currentValue(parameters, parameter),
    source: sourceOf(state, changesInForce(state, nowMs), { asset, slot: slotOf(parameter) }).source,
    obstacles: [...noEffect(asset, parameter, reach), ...findObstacles(state, question)],
    limits: limitsOf(asset, parameter, overrides),
    reach,
  }
}

/** Shares may be set before the blend serves. */
function noEffect(asset: string, parameter: Parameter, reach: Reach): Obstacle[] {
  if (reach.altered > 0 || isOfBlend(parameter)) return []
  const instead = insteadOf(parameter, reach).map(({ name }) => name)
  const hint = instead.length === 0 ? '' : ` Look at ${instead.join(' and ')} instead.`
  const sentence = `${describeReach(asset, parameter, reach, 'a change')}${hint}`
  return [{ kind: 'noEffect', sentence, changeId: undefined, untilMs: undefined }]
}

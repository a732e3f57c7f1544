import type { Horizon } from '#core/synth/prompts/horizon'
import type { Rung } from '../journal/rung.ts'
import { fallbackModels } from '../models/model-names.ts'
import type { AssetParameters, ParametersInForce } from '../parameters/asset-parameters.ts'
import type { ShelvedModel } from './forecast-model.ts'
import type { ModelShelf } from './model-shelf.ts'

export interface LadderStep {
  readonly rung: Rung
  readonly name: string
  /** Undefined: the parameters name a model that is missing. */
  readonly shelved: ShelvedModel | undefined
}

export interface RungPlan {
  readonly parameters: AssetParameters
  readonly steps: readonly LadderStep[]
}

/**
 * The champion first, then the fallbacks. A model on two rungs is asked once. `own`: the champion of a hotkey that has
 * one of its own; the approved champion is then the second rung.
 */
export function planRungs(
  shelf: ModelShelf,
  inForce: ParametersInForce,
  asset: string,
  horizon: Horizon,
  own?: string,
): RungPlan {
  const parameters = inForce.of(asset)
  const approved = parameters.champion[horizon]
  const named: readonly (readonly [Rung, string | undefined])[] = [
    ['champion', own ?? approved],
    ['previousChampion', own === undefined ? undefined : approved],
    ['previousChampion', inForce.previousChampion(asset, horizon)],
    ...fallbackModels.map((name) => [name, name] as const),
  ]
  const steps: LadderStep[] = []
  for (const [rung, name] of named) {
    if (name === undefined || steps.some((step) => step.name === name)) continue
    steps.push({ rung, name, shelved: shelf.take(name, parameters, horizon) })
  }
  return { parameters, steps }
}

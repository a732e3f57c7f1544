import { add, times } from '#models/graph/arithmetic'
import type { Value } from '#models/graph/graph'
import type { Process } from '#models/process/process'
import { FitError, type LossDefinition, type LossTarget } from '#models/registry/component'
import { ModelScope } from './model-scope.ts'
import { type Recipe, settingsOf } from './recipe.ts'
import type { ModelPlace } from './write-model.ts'

export interface WrittenLoss {
  /** In training with the penalty of the head. */
  readonly loss: Value
  /** What evaluation says beside it, by name. */
  readonly reported: readonly (readonly [name: string, value: Value])[]
}

/** The loss of the recipe behind a written model. */
export function writeLoss(recipe: Recipe, place: ModelPlace, process: Process): WrittenLoss {
  const { horizon, grid, loss: choice, components } = recipe
  const { graph, batch, isTraining } = place
  const found = components.losses.get(choice.use)
  if (!found.ok) throw new Error(found.sentence)
  const { component } = found
  if (component.isMetric) throw new FitError(`${component.name} describes a forecast, it cannot train one`)
  const target: LossTarget = {
    stepSeconds: grid.stepSeconds,
    horizon,
    logReturns: graph.input('log_returns', [batch, grid.steps]),
    known: graph.input('known', [batch, grid.steps]),
  }
  const value = writeOne(component, 'loss', settingsOf(choice))
  if (!isTraining) {
    const others = components.losses.list(({ isReported }) => isReported === true)
    return { loss: value, reported: others.map((other) => [other.name, writeOne(other, other.name, {})]) }
  }
  if (process.penalty === undefined) return { loss: value, reported: [] }
  const terms = component.termCount?.({ ...target, steps: grid.steps }) ?? 1
  return { loss: add(value, times(process.penalty, terms)), reported: [] }

  function writeOne({ settings, build }: LossDefinition, name: string, given: object): Value {
    const outside = {
      graph,
      isTraining,
      parameter: notInLosses,
      noise: place.noise,
      blocks: notInLosses,
      rememberScale: notInLosses,
    }
    return new ModelScope(outside).within(name, (scope) => build(scope, process, target, settings.parse(given)))
  }
}

function notInLosses(): never {
  throw new Error('a loss has no parameters and no blocks')
}

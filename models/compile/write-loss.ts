import { add, times } from '#models/graph/arithmetic'
import type { Value } from '#models/graph/graph'
import type { Process } from '#models/process/process'
import { FitError } from '#models/registry/component'
import { ModelScope } from './model-scope.ts'
import { type Recipe, settingsOf } from './recipe.ts'
import type { ModelPlace } from './write-model.ts'

/** The loss of the recipe behind a written model; in training with the penalty of the head. */
export function writeLoss(
  { horizon, grid, loss, components }: Recipe,
  { graph, batch, isTraining, noise }: ModelPlace,
  process: Process,
): Value {
  const found = components.losses.get(loss.use)
  if (!found.ok) throw new Error(found.sentence)
  const { component } = found
  if (component.isMetric) throw new FitError(`${component.name} describes a forecast, it cannot train one`)
  const facts = { stepSeconds: grid.stepSeconds, horizon }
  const target = {
    ...facts,
    logReturns: graph.input('log_returns', [batch, grid.steps]),
    known: graph.input('known', [batch, grid.steps]),
  }
  const outside = {
    graph,
    isTraining,
    parameter: notInLosses,
    noise,
    blocks: notInLosses,
    rememberScale: notInLosses,
  }
  const value = new ModelScope(outside).within('loss', (scope) =>
    component.build(scope, process, target, component.settings.parse(settingsOf(loss))),
  )
  if (!isTraining || process.penalty === undefined) return value
  const terms = component.termCount?.({ ...facts, steps: grid.steps }) ?? 1
  return add(value, times(process.penalty, terms))
}

function notInLosses(): never {
  throw new Error('a loss has no parameters and no blocks')
}

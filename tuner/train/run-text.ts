import type { z } from 'zod'
import type { Printed } from '#core/base/cli/write-json'
import type { MeanScore, ModelComparison } from '#core/tuning/training/training-runs'
import type { RunShape } from '#core/tuning/views/training-view'

type RunView = Printed<z.input<typeof RunShape>>

/** One run in a few lines. */
export function runLines(run: RunView): string[] {
  const { id, recipe, recipeHash, seed, fold, state, reason, step, steps, bestStep, bestLoss, artefact } = run
  const which = `seed ${seed}${fold === null ? '' : `, fold ${fold}`}`
  const why = reason === null ? '' : `: ${reason}`
  return [
    `Run ${id}: ${recipe} (${recipeHash}), ${which}`,
    `  ${state} after ${step} of ${steps} steps${why}`,
    ...(bestLoss === null ? [] : [`  lowest validation loss ${bestLoss.toPrecision(6)} at step ${bestStep}`]),
    ...(run.comparison === null ? [] : comparisonLines(run.comparison)),
    ...(artefact === null ? [] : [`  model ${artefact}`]),
  ]
}

function comparisonLines({ part, windows, model, calibrated, difference }: Printed<ModelComparison>): string[] {
  return [
    `  ${windows} windows of the ${part} part, mean score (lower is better):`,
    `    this model ${model.mean.toFixed(2)}, calibrated ${calibrated.mean.toFixed(2)}`,
    `    difference ${withInterval(difference)}`,
  ]
}

export function withInterval({ mean, low, high }: MeanScore): string {
  if (low === null || high === null) return `${mean.toFixed(2)}, too few days for an interval`
  return `${mean.toFixed(2)} (95 %: ${low.toFixed(2)} to ${high.toFixed(2)})`
}

import type { GraphTensor } from '#core/forecast/models/onnx/graph-runtime'
import type { Problem, Recipe } from '#models/compile/recipe'
import { recipeHash } from '#models/compile/recipe-hash'
import type { Dataset } from '#models/data/dataset'
import { type DataDeps, type FoldData, type PreparedData, prepareData } from '#models/data/prepare-data'
import type { DataWindow } from '#models/data/windows'
import type { TrainingJob, WindowSet } from './train-model.ts'

/** A training that nothing is known to be wrong with. */
export interface OpenedTraining {
  readonly job: TrainingJob
  readonly data: PreparedData
  readonly fold: FoldData
}

export type OpenedAnswer =
  | { readonly ok: true; readonly opened: OpenedTraining }
  | { readonly ok: false; readonly problems: readonly Problem[] }

export interface TrainingChoice {
  /** That of the recipe if absent. */
  readonly seed?: number | undefined
  /** From 0. If absent the newest one, which for a hold-out is the only one. */
  readonly fold?: number | undefined
}

/** Loads and cuts the data of a recipe; everything that is wrong with them is found here. */
export async function openTraining(
  recipe: Recipe,
  deps: DataDeps,
  { seed = recipe.seed, fold: index }: TrainingChoice = {},
): Promise<OpenedAnswer> {
  const prepared = await prepareData(recipe, deps)
  return prepared.ok ? openFold(recipe, prepared.data, { seed, fold: index }) : prepared
}

/** The same of data that are loaded. */
export function openFold(
  recipe: Recipe,
  data: PreparedData,
  { seed = recipe.seed, fold: index }: TrainingChoice,
): OpenedAnswer {
  const answer = data.openFold(index ?? data.split.folds.length - 1)
  if (!answer.ok) return answer
  const { fold } = answer
  if (fold.train.length === 0) {
    const sentence = 'no window of the training part has a calibrated forecast'
    return { ok: false, problems: [{ path: 'inputs.baseline', sentence }] }
  }
  const job = {
    recipe,
    config: recipe.training,
    owner: { recipeHash: recipeHash(recipe), seed, fold: index, dataHash: data.hash },
    train: windowSet(fold.dataset, fold.train, recipe),
    validation: windowSet(fold.dataset, fold.validation, recipe),
  }
  return { ok: true, opened: { job, data, fold } }
}

function windowSet(dataset: Dataset, windows: readonly DataWindow[], { inputs, grid }: Recipe): WindowSet {
  return {
    count: windows.length,
    read: (places): Record<string, GraphTensor> => {
      const { past, ahead, baseline, logReturns, known } = dataset.batch(places.map((place) => windows[place]!))
      const batch = places.length
      return {
        past: { dims: [batch, inputs.rows, inputs.past.length], values: past },
        ...(ahead && { ahead: { dims: [batch, grid.steps, inputs.ahead.length], values: ahead } }),
        ...(baseline && { baseline: { dims: [batch, grid.steps], values: baseline } }),
        log_returns: { dims: [batch, grid.steps], values: logReturns },
        known: { dims: [batch, grid.steps], values: known },
      }
    },
  }
}

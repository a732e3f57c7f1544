import { contractVersion } from '#core/forecast/models/onnx/manifest'
import type { ServingModel } from '#models/compile/compile-model'
import type { Problem, Recipe, RecipeFeature } from '#models/compile/recipe'
import { recipeHash } from '#models/compile/recipe-hash'
import { irVersion, opsetVersion } from '#models/graph/encode-model'

/** Fitted on the training part of the data alone. */
export interface Normalisation {
  readonly mean: number
  readonly sd: number
}

/** A score with the interval that it is known to. */
export interface ScoreFact {
  readonly value: number
  readonly low: number
  readonly high: number
  /** How many windows it is made of. */
  readonly windows: number
}

/** Where a model comes from, for people: the miner shows it and decides nothing by it. */
export interface TrainingFacts {
  /** The hash of the windows that it was trained and scored on, and their time. */
  readonly data: { readonly hash: string; readonly fromMs: number; readonly toMs: number }
  readonly scores: Readonly<Record<string, ScoreFact>>
  /** What it was compared with on the same windows, and by how much it was better. */
  readonly baseline?: { readonly name: string; readonly scores: Readonly<Record<string, ScoreFact>> }
}

export interface ManifestParts {
  readonly recipe: Recipe
  readonly model: Pick<ServingModel, 'outputs' | 'isFlat'>
  /** In the order of the recipe's features. */
  readonly past: readonly Normalisation[]
  readonly ahead: readonly Normalisation[]
  readonly sha256: string
  readonly training: TrainingFacts
}

export type ManifestWriting =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** The manifest of a trained recipe, as models/README.md describes it. */
export function writeManifest(parts: ManifestParts): ManifestWriting {
  const { recipe, model, past, ahead, sha256, training } = parts
  const shapeOf = (name: string) => model.outputs.find((output) => output.name === name)?.shape
  if (shapeOf('drift') !== undefined) {
    const sentence = `head ${recipe.model.head.use} gives a drift, and the miner serves none: train it without drift.`
    return { ok: false, problems: [{ path: 'model.head', sentence }] }
  }
  const { inputs, grid, horizon, assets, name, description } = recipe
  const weights = shapeOf('weights')
  const content = {
    contract: contractVersion,
    name,
    description,
    file: 'model.onnx',
    sha256,
    format: { ir: irVersion, opset: opsetVersion },
    serves: { assets, horizons: [horizon] },
    grid,
    inputs: [
      {
        tensor: 'past',
        kind: 'past',
        stepSeconds: inputs.stepSeconds,
        rows: inputs.rows,
        features: normalised(inputs.past, past),
      },
      ...(inputs.ahead.length === 0
        ? []
        : [{ tensor: 'ahead', kind: 'ahead', features: normalised(inputs.ahead, ahead) }]),
      ...(inputs.baseline ? [{ tensor: 'baseline', kind: 'baseline' }] : []),
    ],
    outputs: {
      stepVariance: {
        tensor: 'log_variance',
        kind: 'logVariance',
        ...(model.isFlat ? { mayBeFlat: true } : {}),
      },
      ...(weights === undefined ? {} : { parts: { tensor: 'weights', count: weights[1] } }),
      ...(shapeOf('degrees_of_freedom') === undefined
        ? {}
        : { tails: { kind: 'student', degreesOfFreedom: { tensor: 'degrees_of_freedom' } } }),
      ...(shapeOf('level_log_sd') === undefined
        ? {}
        : { factors: [{ logSd: { tensor: 'level_log_sd' }, halfLifeSeconds: 'wholePath' }] }),
    },
    training: { recipe: recipeHash(recipe), ...training },
  }
  return { ok: true, text: `${JSON.stringify(content, null, 2)}\n` }
}

function normalised(features: readonly RecipeFeature[], fitted: readonly Normalisation[]): object[] {
  if (fitted.length !== features.length) {
    throw new Error(`${fitted.length} means and deviations are given for ${features.length} features`)
  }
  return features.map((feature, i) => ({ ...feature, mean: fitted[i]!.mean, sd: fitted[i]!.sd }))
}

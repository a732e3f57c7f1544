/**
 * `volcast/models`: what the commands of the tuner do with models, as functions. This file is the door of the package, so
 * it joins the toolkit with the real runtime. The operators of the graph are here for blocks of the user. Mistakes of the
 * caller come back as values, each with its path.
 */
import { createHash } from 'node:crypto'
import { stringify } from 'yaml'
import { systemClock } from '#adapters/clock/system-clock'
import { loadRegimeBook } from '#adapters/files/regime-file'
import { logToTerminal } from '#adapters/log/pino-logger'
import { diskBarFiles } from '#adapters/market-files/disk-bar-files'
import { DiskModelFolder } from '#adapters/onnx/disk-model-folder'
import { OnnxGraphRuntime } from '#adapters/onnx/graph-sessions'
import { ProcessRuntime } from '#adapters/onnx/process-runtime'
import { ReplayRulesLookup } from '#core/tuning/replay/replay-rules'
import type { ModelComparison } from '#core/tuning/training/training-runs'
import { type Loading, loadModel as openFolder } from './artefact/load-model.ts'
import { writeArtefact } from './artefact/write-artefact.ts'
import {
  type CompiledModel,
  evaluationModel,
  type ModelOutline,
  outlineModel,
  type ServingModel,
  servingModel,
  trainingModel,
} from './compile/compile-model.ts'
import { readRecipe, writeRecipe } from './compile/read-recipe.ts'
import type { Problem, Recipe } from './compile/recipe.ts'
import { recipeSource } from './compile/recipe-files.ts'
import { recipeHash } from './compile/recipe-hash.ts'
import { startWeights } from './compile/start-weights.ts'
import { type TrialAnswer, tryModel } from './compile/try-model.ts'
import * as views from './registry/describe-components.ts'
import { ComponentError, discoverComponents } from './registry/discover.ts'
import { compareModels, normalisationOf } from './training/compare-models.ts'
import { type OpenedTraining, openTraining } from './training/open-training.ts'
import { type TrainingOptions, trainModel } from './training/train-model.ts'

export { defineMarketFeature, defineTimeFeature } from '#core/forecast/models/onnx/feature'
export type { ForecastAnswer, LoadedModel, Loading } from './artefact/load-model.ts'
export type { CompiledModel, ModelOutline, ServingModel } from './compile/compile-model.ts'
export type { Problem, Recipe } from './compile/recipe.ts'
export { listPresets, type PresetView } from './compile/recipe-files.ts'
export type { ModelTrial, TrialAnswer } from './compile/try-model.ts'
export * from './graph/arithmetic.ts'
export * from './graph/composites.ts'
export type { Graph, Value } from './graph/graph.ts'
export * from './graph/linear.ts'
export * from './graph/reduce.ts'
export type { Scope } from './graph/scope.ts'
export * from './graph/shape-operators.ts'
export { defineBlock, defineHead, defineLoss } from './registry/component.ts'
export type { BlockView, ComponentView, FeatureView, HeadView, LossView } from './registry/describe-components.ts'
export { ComponentError }

export interface ComponentOptions {
  /** Folders with components of yours, as the setting `models.components`. */
  readonly components?: readonly string[]
}

/** Throws ComponentError if a file in a folder of yours is not a component; so do the other lists. */
export async function listBlocks({ components }: ComponentOptions = {}): Promise<views.BlockView[]> {
  return views.listBlocks(await discoverComponents(components))
}

export async function listHeads({ components }: ComponentOptions = {}): Promise<views.HeadView[]> {
  return views.listHeads(await discoverComponents(components))
}

export async function listLosses({ components }: ComponentOptions = {}): Promise<views.LossView[]> {
  return views.listLosses(await discoverComponents(components))
}

export async function listFeatures({ components }: ComponentOptions = {}): Promise<views.FeatureView[]> {
  return views.listFeatures(await discoverComponents(components))
}

export interface CompileOptions extends ComponentOptions {
  /** Settings that replace those of the recipe: `model.width=32`. */
  readonly overrides?: readonly string[]
}

export type CompileAnswer =
  | { readonly ok: true; readonly compiled: CompiledRecipe }
  | { readonly ok: false; readonly problems: readonly Problem[] }

export interface CompiledRecipe {
  readonly recipe: Recipe
  /** 12 hex digits over every resolved setting. */
  readonly hash: string
  /** The recipe with every default and reference filled in, as YAML. */
  readonly resolved: string
  readonly outline: ModelOutline
  /** The bytes of ONNX files, for batches of this size. */
  trainingModel(batch: number): CompiledModel
  evaluationModel(batch: number): CompiledModel
  servingModel(weights: Float32Array): ServingModel
  /** The weights before training; the seed of the recipe by default. */
  startWeights(seed?: number): Float32Array
  /** Runs a fresh model once on drawn numbers. */
  tryModel(): Promise<TrialAnswer>
}

/**
 * A finished model from its folder, after every check that the miner makes. It runs in a process of its own, which ends
 * with `close`.
 */
export async function loadModel(folder: string, { components }: ComponentOptions = {}): Promise<Loading> {
  const { features } = await discoverComponents(components)
  const runtime = modelProcess()
  const loaded = await openFolder(folder, { runtime, features, openFolder: (path) => new DiskModelFolder(path) })
  if (loaded.ok) return { ok: true, model: { ...loaded.model, close: () => runtime.stop() } }
  await runtime.stop()
  return loaded
}

/** A recipe is the path of a YAML file, the name of a preset, or the content of such a file as an object. */
export async function compileRecipe(
  recipe: string | object,
  { components: folders, overrides }: CompileOptions = {},
): Promise<CompileAnswer> {
  const found = await discoverComponents(folders).catch((error: unknown) => {
    if (error instanceof ComponentError) return error
    throw error
  })
  if (found instanceof ComponentError) {
    return { ok: false, problems: found.problems.map((sentence) => ({ path: 'components', sentence })) }
  }
  const read = readRecipe(sourceOf(recipe, overrides), found)
  return read.ok ? { ok: true, compiled: compiledOf(read.recipe) } : read
}

function sourceOf(recipe: string | object, overrides: readonly string[] = []) {
  if (typeof recipe === 'string') return recipeSource(recipe, overrides)
  const source = recipeSource('recipe', overrides)
  const readText = (path: string) => (path === 'recipe' ? stringify(recipe) : source.readText(path))
  return { ...source, readText }
}

function compiledOf(recipe: Recipe): CompiledRecipe {
  const outline = outlineModel(recipe)
  return {
    recipe,
    hash: recipeHash(recipe),
    resolved: writeRecipe(recipe),
    outline,
    trainingModel: (batch) => trainingModel(recipe, batch),
    evaluationModel: (batch) => evaluationModel(recipe, batch),
    servingModel: (weights) => servingModel(recipe, weights),
    startWeights: (seed = recipe.seed) => startWeights(outline.parameters, seed),
    tryModel: () => tryModel(new OnnxGraphRuntime(), recipe),
  }
}

export interface TrainOptions extends CompileOptions, Pick<TrainingOptions, 'onStep' | 'onLook'> {
  /** That of the recipe by default. */
  readonly seed?: number
  /** Of a walk forward, from 0; the newest by default. */
  readonly fold?: number
  readonly signal?: AbortSignal
}

export interface TrainedModel {
  readonly compiled: CompiledRecipe
  readonly weights: Float32Array
  readonly steps: number
  /** The step and the validation loss of these weights. */
  readonly bestStep: number
  readonly bestLoss: number | undefined
  readonly opened: OpenedTraining
}

export type TrainAnswer =
  | { readonly ok: true; readonly trained: TrainedModel }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** Trains in this process. `tuner train` does it in one of its own, keeps checkpoints and records the run. */
export async function train(recipe: string | object, options: TrainOptions = {}): Promise<TrainAnswer> {
  const answer = await compileRecipe(recipe, options)
  if (!answer.ok) return answer
  const { compiled } = answer
  const deps = {
    // The minutes of a miner are read by the tuner, which knows its database.
    ports: { files: diskBarFiles, minutes: { readHigh: () => undefined }, nowMs: systemClock.nowMs() },
    features: compiled.recipe.components.features,
    hashBytes: (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex'),
  }
  const { seed, fold, signal } = options
  const found = await openTraining(compiled.recipe, deps, { seed, fold })
  if (!found.ok) return found
  const { opened } = found
  const end = await trainModel(new OnnxGraphRuntime(), opened.job, {
    ...options,
    stop: () => (signal?.aborted === true ? 'it was stopped' : undefined),
  })
  if (end.kind !== 'done') {
    const sentence = end.kind === 'unsaved' ? 'its checkpoint cannot be written' : end.reason
    return { ok: false, problems: [{ path: 'training', sentence }] }
  }
  const { weights, step: steps, bestStep, bestLoss } = end
  return { ok: true, trained: { compiled, weights, steps, bestStep, bestLoss, opened } }
}

export type EvaluateAnswer =
  | { readonly ok: true; readonly comparison: ModelComparison }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** A trained model beside the calibrated one, by the validator's rules of today, on windows that it has not learned. */
export async function evaluate({ opened, weights }: TrainedModel): Promise<EvaluateAnswer> {
  const rules = new ReplayRulesLookup(loadRegimeBook(undefined))
  const { grid } = opened.job.recipe
  const question = { startAtMs: systemClock.nowMs(), timeLengthSeconds: grid.steps * grid.stepSeconds }
  const found = await compareModels(new OnnxGraphRuntime(), opened, weights, (asset) =>
    rules.of({ asset, ...question }),
  )
  return found.ok ? found : { ok: false, problems: [{ path: 'data', sentence: found.reason }] }
}

export type SaveAnswer =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** Writes what the miner serves, checked as the miner checks it: a folder of the recipe's name in `folder`. */
export async function saveModel({ opened, weights }: TrainedModel, folder: string): Promise<SaveAnswer> {
  const { data, fold, job } = opened
  const times = { fromMs: data.windows[0]!.startAtMs, toMs: data.windows.at(-1)!.startAtMs }
  const training = { data: { hash: job.owner.dataHash, ...times }, scores: {} }
  const parts = { recipe: job.recipe, weights, ...normalisationOf(fold.dataset), training }
  const runtime = modelProcess()
  try {
    return await writeArtefact({ runtime, openFolder: (path) => new DiskModelFolder(path) }, parts, folder)
  } finally {
    await runtime.stop()
  }
}

function modelProcess(): ProcessRuntime {
  return new ProcessRuntime({ clock: systemClock, log: logToTerminal({ level: 'silent', program: 'volcast' }) })
}

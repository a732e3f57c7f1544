/**
 * `volcast/models`: what the commands of the tuner do with models, as functions. This file is the door of the package, so
 * it joins the toolkit with the real runtime. The operators of the graph are here for blocks of the user. Mistakes of the
 * caller come back as values, each with its path.
 */
import { stringify } from 'yaml'
import { systemClock } from '#adapters/clock/system-clock'
import { logToTerminal } from '#adapters/log/pino-logger'
import { DiskModelFolder } from '#adapters/onnx/disk-model-folder'
import { OnnxGraphRuntime } from '#adapters/onnx/graph-sessions'
import { ProcessRuntime } from '#adapters/onnx/process-runtime'
import { type Loading, loadModel as openFolder } from './artefact/load-model.ts'
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
  const runtime = new ProcessRuntime({
    clock: systemClock,
    log: logToTerminal({ level: 'silent', program: 'volcast' }),
  })
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

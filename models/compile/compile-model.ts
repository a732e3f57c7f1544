import { backward } from '#models/autodiff/backward'
import { encodeModel } from '#models/graph/encode-model'
import { Graph, sizeOf, type Value } from '#models/graph/graph'
import type { NoiseFact, ParameterFact } from '#models/graph/scope'
import { concat, reshape, split } from '#models/graph/shape-operators'
import type { Process } from '#models/process/process'
import type { Recipe } from './recipe.ts'
import { recipeHash } from './recipe-hash.ts'
import { writeLoss } from './write-loss.ts'
import { type WrittenBlock, writeModel } from './write-model.ts'

/** A parameter and where it begins in the flat vector of all. */
export interface PlacedParameter extends ParameterFact {
  readonly offset: number
}

export interface CompiledModel {
  readonly bytes: Uint8Array
  readonly parameters: readonly PlacedParameter[]
  readonly parameterCount: number
  /** What has to be drawn for each run, beside the data. */
  readonly noise: readonly NoiseFact[]
}

export interface ServingModel {
  readonly bytes: Uint8Array
  /** As the manifest names them. */
  readonly outputs: readonly NamedShape[]
  /** Every step has the same variance on purpose. */
  readonly isFlat: boolean
}

/**
 * Inputs: `parameters`, all of them in one vector; `past`, and `ahead` and `baseline` where the recipe has them;
 * `log_returns` and `known`, [batch, steps]; each noise. Outputs: `loss`, a scalar, and `gradient`, as `parameters`.
 */
export function trainingModel(recipe: Recipe, batch: number): CompiledModel {
  const { graph, ...facts } = writeTraining(recipe, batch)
  return { ...facts, bytes: encodeModel(graph) }
}

/** What all values of a training step take together. The runtime gives some back within the step, so it needs less. */
export function trainingBytes(recipe: Recipe, batch: number): number {
  const { graph } = writeTraining(recipe, batch)
  const values = graph.nodes.flatMap(({ outputs }) => outputs)
  return values.reduce((sum, { shape, type }) => sum + sizeOf(shape) * (type === 'int64' ? 8 : 4), 0)
}

function writeTraining(recipe: Recipe, batch: number) {
  const { graph, loss, values, process: _, ...facts } = writeWhole(recipe, batch, true)
  const gradients = backward(graph, loss, values)
  graph.output('loss', loss)
  graph.output('gradient', concat(gradients.map(flatGradient), 0))
  return { graph, ...facts }

  function flatGradient(gradient: Value | undefined, index: number): Value {
    const size = sizeOf(values[index]!.shape)
    return gradient === undefined ? graph.constant(new Float64Array(size), [size]) : reshape(gradient, [size])
  }
}

export interface EvaluationModel extends CompiledModel {
  /** The outputs that describe the forecast beside the loss. */
  readonly reported: readonly string[]
}

/** The same without gradient and without dropout. Outputs: `loss`, those of `reported`, and those of the serving model. */
export function evaluationModel(recipe: Recipe, batch: number): EvaluationModel {
  const { graph, loss, reported, values: _, process, ...facts } = writeWhole(recipe, batch, false)
  graph.output('loss', loss)
  for (const [name, value] of reported) graph.output(name, value)
  for (const [name, value] of processOutputs(process)) graph.output(name, value)
  return { ...facts, reported: reported.map(([name]) => name), bytes: encodeModel(graph) }
}

/** One window, with the weights inside. Inputs: `past`, and `ahead` and `baseline` where the recipe has them. */
export function servingModel(recipe: Recipe, weights: Float32Array): ServingModel {
  const graph = new Graph()
  let offset = 0
  const { process } = writeModel(recipe, {
    graph,
    batch: 1,
    isTraining: false,
    parameter: ({ shape }) => {
      const begin = offset
      offset += sizeOf(shape)
      return graph.constant(weights.subarray(begin, offset), shape)
    },
    noise: () => undefined,
  })
  if (offset !== weights.length) throw new Error(`the model has ${offset} weights, not ${weights.length}`)
  const outputs = processOutputs(process)
  for (const [name, value] of outputs) graph.output(name, value)
  return {
    bytes: encodeModel(graph, { metadata: { recipe: recipe.name, recipe_hash: recipeHash(recipe) } }),
    outputs: outputs.map(([name, { shape }]) => ({ name, shape })),
    isFlat: process.isFlat === true,
  }
}

/** What a model is made of, without any weights. */
export interface ModelOutline {
  readonly parameters: readonly PlacedParameter[]
  readonly parameterCount: number
  /** Of one window. */
  readonly inputs: readonly NamedShape[]
  readonly blocks: readonly WrittenBlock[]
  readonly outputs: readonly NamedShape[]
}

export interface NamedShape {
  readonly name: string
  readonly shape: readonly number[]
}

export function outlineModel(recipe: Recipe): ModelOutline {
  const parameters: PlacedParameter[] = []
  const names = new Set<string>()
  const graph = new Graph()
  let offset = 0
  const { inputs, blocks, process } = writeModel(recipe, {
    graph,
    batch: 1,
    isTraining: false,
    parameter: (fact) => {
      if (names.has(fact.name)) throw new Error(`two parameters are called ${fact.name}`)
      names.add(fact.name)
      parameters.push({ ...fact, offset })
      offset += sizeOf(fact.shape)
      return graph.input(`weights of ${fact.name}`, fact.shape)
    },
    noise: () => undefined,
  })
  return {
    parameters,
    parameterCount: offset,
    inputs: inputs.map(({ id, shape }) => ({ name: id, shape })),
    blocks,
    outputs: processOutputs(process).map(([name, { shape }]) => ({ name, shape })),
  }
}

/** Every parameter of the model in the order of the flat vector. */
export function modelParameters(recipe: Recipe): readonly PlacedParameter[] {
  return outlineModel(recipe).parameters
}

function writeWhole(recipe: Recipe, batch: number, isTraining: boolean) {
  const { parameters, parameterCount } = outlineModel(recipe)
  const graph = new Graph()
  const noise: NoiseFact[] = []
  const flat = graph.input('parameters', [parameterCount])
  const parts = split(flat, { axis: 0, sizes: parameters.map(({ shape }) => sizeOf(shape)) })
  const values = parameters.map(({ shape }, index) => reshape(parts[index]!, shape))
  const byName = new Map(parameters.map(({ name }, index) => [name, values[index]!]))
  const draw = (fact: NoiseFact): Value => {
    noise.push(fact)
    return graph.input(fact.name, fact.shape)
  }
  const place = { graph, batch, isTraining, parameter: ({ name }: ParameterFact) => byName.get(name)! }
  const { process } = writeModel(recipe, { ...place, noise: (fact) => (isTraining ? draw(fact) : undefined) })
  const { loss, reported } = writeLoss(recipe, { ...place, noise: draw }, process)
  return { graph, loss, reported, values, process, parameters, parameterCount, noise }
}

/** The outputs of a graph, by the names that manifests use. */
function processOutputs({ logVariance, weights, drift, tails, levelLogSd }: Process): (readonly [string, Value])[] {
  const outputs: (readonly [string, Value | undefined])[] = [
    ['log_variance', logVariance],
    ['weights', weights],
    ['drift', drift],
    ['degrees_of_freedom', tails.kind === 'student' ? tails.degreesOfFreedom : undefined],
    ['level_log_sd', levelLogSd],
  ]
  return outputs.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
}

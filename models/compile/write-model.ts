import { add, log, multiply, times } from '#models/graph/arithmetic'
import { lastStep, layerNorm, linear, meanStep } from '#models/graph/composites'
import { type Graph, ShapeError, showShape, type Value } from '#models/graph/graph'
import { reduceMax } from '#models/graph/reduce'
import type { BlockChoice, NoiseFact, ParameterFact } from '#models/graph/scope'
import { reshape } from '#models/graph/shape-operators'
import type { Process } from '#models/process/process'
import type { BlockDefinition } from '#models/registry/component'
import { ModelScope } from './model-scope.ts'
import { type Pooling, type Problem, type Recipe, settingsOf } from './recipe.ts'

/** What a model is written into. The same code writes it for training, evaluation and serving. */
export interface ModelPlace {
  readonly graph: Graph
  readonly batch: number
  readonly isTraining: boolean
  readonly parameter: (fact: ParameterFact) => Value
  readonly noise: (fact: NoiseFact) => Value | undefined
  /** Takes a problem with a shape and lets the writing go on. Without it the first one is thrown. */
  readonly report?: (problem: Problem) => void
}

/** One written block, for the table of shapes. */
export interface WrittenBlock {
  readonly path: string
  readonly use: string
  readonly from: readonly number[]
  readonly to: readonly number[]
}

export interface WrittenModel {
  readonly process: Process
  readonly blocks: readonly WrittenBlock[]
  readonly inputs: readonly Value[]
}

/** Input projection, blocks, pooling, head. */
export function writeModel(recipe: Recipe, place: ModelPlace): WrittenModel {
  return new ModelWriter(recipe, place).write()
}

class ModelWriter {
  readonly #recipe: Recipe
  readonly #place: ModelPlace
  readonly #written: WrittenBlock[] = []
  #scale: Value | undefined

  constructor(recipe: Recipe, place: ModelPlace) {
    this.#recipe = recipe
    this.#place = place
  }

  write(): WrittenModel {
    const { inputs, grid, model } = this.#recipe
    const { graph, batch } = this.#place
    const past = graph.input('past', [batch, inputs.rows, inputs.past.length])
    const ahead = inputs.ahead.length === 0 ? undefined : graph.input('ahead', [batch, grid.steps, inputs.ahead.length])
    const baseline = inputs.baseline ? graph.input('baseline', [batch, grid.steps]) : undefined
    const scope = new ModelScope({
      ...this.#place,
      blocks: (inner, choices, x) => this.#blocks(inner, choices, x),
      rememberScale: (scale) => {
        this.#scale ??= scale
      },
    })
    const whole = model.revin ? this.#blocks(scope, [{ use: 'revin' }], past, 'normalised.') : past
    const projected = model.skipInputProjection
      ? whole
      : scope.within('projection', (inner) => linear(inner, whole, model.width))
    if (model.skipInputProjection && whole.shape[2] !== model.width) {
      this.#problem('model.width', `without a projection the width is the number of features, ${whole.shape[2]}`)
    }
    const sequence = this.#blocks(scope, model.blocks, projected, 'blocks.')
    const pooled = pool(sequence, model.pooling)
    const process = scope.within('head', (inner) => this.#head(inner, { sequence, pooled, ahead, baseline }))
    return {
      process,
      blocks: this.#written,
      inputs: [past, ahead, baseline].filter((input) => input !== undefined),
    }
  }

  #head(
    scope: ModelScope,
    input: { sequence: Value; pooled: Value; ahead: Value | undefined; baseline: Value | undefined },
  ): Process {
    const { model, components, grid } = this.#recipe
    const found = components.heads.get(model.head.use)
    if (!found.ok) throw new Error(found.sentence)
    const settings = found.component.settings.parse(settingsOf(model.head))
    const process = found.component.build(scope, { ...input, ...grid }, settings)
    // The calibrated forecast is of the window as it is: what corrects it is not scaled.
    return this.#scale === undefined || found.component.needsBaseline ? process : scaled(process, this.#scale)
  }

  #blocks(scope: ModelScope, choices: readonly BlockChoice[], x: Value, prefix = ''): Value {
    const { insertLayerNorm } = this.#recipe.model
    return choices.reduce((value, choice, index) => {
      const name = `${prefix}${index}`
      return scope.within(
        name,
        (inner) => {
          const made = this.#block(inner, choice, value)
          return insertLayerNorm && prefix === 'blocks.'
            ? inner.within('insertedNorm', (norm) => layerNorm(norm, made))
            : made
        },
        `${name} ${choice.use}`,
      )
    }, x)
  }

  #block(scope: ModelScope, choice: BlockChoice, x: Value): Value {
    const found = this.#recipe.components.blocks.get(choice.use)
    if (!found.ok) throw new Error(found.sentence)
    const block = found.component
    const path = scope.path.startsWith('normalised.') ? 'model.revin' : `model.${scope.path}`
    if (x.shape[1]! < block.leastLength) {
      this.#problem(path, `${block.name} needs a sequence of at least ${block.leastLength}, this one has ${x.shape[1]}`)
    }
    try {
      const made = block.build(scope, x, block.settings.parse(settingsOf(choice)))
      checkContract(block, x, made)
      this.#written.push({ path, use: block.name, from: x.shape, to: made.shape })
      return made
    } catch (error) {
      if (!(error instanceof ShapeError) || this.#place.report === undefined) throw error
      this.#problem(path, error.message)
      // The blocks behind it are checked as if it had kept the shape.
      return x
    }
  }

  #problem(path: string, sentence: string): void {
    if (this.#place.report === undefined) throw new ShapeError(this.#place.graph, sentence)
    this.#place.report({ path, sentence })
  }
}

/** [batch, length, width] with the same batch, and the same length and width where the block says so. */
function checkContract(block: BlockDefinition, x: Value, made: Value): void {
  const [batch, length, width] = made.shape
  const broken =
    made.shape.length !== 3 || batch !== x.shape[0]
      ? 'a block gives [batch, length, width]'
      : block.keepsLength && length !== x.shape[1]
        ? 'it says that it keeps the length'
        : block.keepsWidth && width !== x.shape[2]
          ? 'it says that it keeps the width'
          : undefined
  if (broken === undefined) return
  const sentence = `block ${block.name} makes ${showShape(made.shape)} of ${showShape(x.shape)}, but ${broken}`
  throw new ShapeError(made.graph, sentence)
}

function pool(sequence: Value, pooling: Pooling): Value {
  switch (pooling) {
    case 'last':
      return lastStep(sequence)
    case 'mean':
      return meanStep(sequence)
    case 'max':
      return reduceMax(sequence, { axes: [1] })
  }
}

/** The forecast of a window that was divided by `scale`, [batch, 1], as one of the window itself. */
function scaled(process: Process, scale: Value): Process {
  const fitting = (value: Value) => (value.shape.length === 3 ? reshape(scale, [scale.shape[0]!, 1, 1]) : scale)
  return {
    ...process,
    logVariance: add(process.logVariance, times(log(fitting(process.logVariance)), 2)),
    drift: process.drift === undefined ? undefined : multiply(process.drift, fitting(process.drift)),
  }
}

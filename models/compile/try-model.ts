import { messageOf } from '#core/base/errors/message-of'
import { SplitMix64 } from '#core/base/random/rng'
import { Sfc32 } from '#core/base/random/sfc32'
import type { GraphRuntime, GraphTensor } from '#core/forecast/models/onnx/graph-runtime'
import { sizeOf } from '#models/graph/graph'
import { evaluationModel, servingModel, trainingModel } from './compile-model.ts'
import { drawNoise } from './draw-noise.ts'
import type { Problem, Recipe } from './recipe.ts'
import { startWeights } from './start-weights.ts'

export interface ModelTrial {
  /** Of drawn numbers: it says that the model runs, not how good it is. */
  readonly loss: number
  /** Length of the gradient before the first step. */
  readonly gradientNorm: number
  /** The largest difference of what is served from what was trained, over all outputs. */
  readonly servingDifference: number
}

export type TrialAnswer =
  | { readonly ok: true; readonly trial: ModelTrial }
  | { readonly ok: false; readonly problems: readonly Problem[] }

const batch = 2
const largestDifference = 1e-4

/** Runs a fresh model once on drawn numbers: a step of training, and the same window as it would be served. */
export async function tryModel(runtime: GraphRuntime, recipe: Recipe): Promise<TrialAnswer> {
  try {
    const trial = await runTrial(runtime, recipe)
    const sentence = faultOf(trial)
    return sentence === undefined ? { ok: true, trial } : { ok: false, problems: [{ path: 'model', sentence }] }
  } catch (error) {
    return { ok: false, problems: [{ path: 'model', sentence: `it does not run: ${messageOf(error)}` }] }
  }
}

async function runTrial(runtime: GraphRuntime, recipe: Recipe): Promise<ModelTrial> {
  const training = trainingModel(recipe, batch)
  const evaluation = evaluationModel(recipe, batch)
  const weights = startWeights(training.parameters, recipe.seed)
  const windows = drawnWindows(recipe)
  const parameters = { dims: [weights.length], values: weights }
  const trained = await run(runtime, training.bytes, {
    ...windows,
    parameters,
    ...drawNoise(training.noise, new SplitMix64(1n)),
  })
  const whole = await run(runtime, evaluation.bytes, {
    ...windows,
    parameters,
    ...drawNoise(evaluation.noise, new SplitMix64(1n)),
  })
  const { bytes, outputs } = servingModel(recipe, weights)
  const { log_returns: _, known: __, ...inputs } = windows
  const served = await run(runtime, bytes, Object.fromEntries(Object.entries(inputs).map(firstWindow)))
  const differences = outputs.map(({ name, shape }) => difference(served[name]!, whole[name]!, sizeOf(shape)))
  return {
    loss: Number(trained['loss']!.values[0]),
    gradientNorm: Math.sqrt(numbersOf(trained['gradient']!).reduce((sum, value) => sum + value ** 2, 0)),
    servingDifference: Math.max(0, ...differences),
  }
}

function faultOf({ loss, gradientNorm, servingDifference }: ModelTrial): string | undefined {
  if (!Number.isFinite(loss)) return `the loss of a fresh model is ${loss}`
  if (!Number.isFinite(gradientNorm)) return `the gradient of a fresh model is ${gradientNorm}`
  if (gradientNorm === 0) return 'no weight has a part in the loss'
  return servingDifference <= largestDifference
    ? undefined
    : `what is served differs by ${servingDifference} from what is trained`
}

/** What a market could give: normalised features, moves of some basis points, a calm forecast of them. */
function drawnWindows({ inputs, grid }: Recipe): Record<string, GraphTensor> {
  const random = new Sfc32(new SplitMix64(1n).fork('trial'))
  const drawn = (dims: readonly number[], mean: number, sd: number): GraphTensor => ({
    dims,
    values: Float32Array.from({ length: sizeOf(dims) }, () => mean + sd * random.normal()),
  })
  return {
    past: drawn([batch, inputs.rows, inputs.past.length], 0, 1),
    ...(inputs.ahead.length > 0 ? { ahead: drawn([batch, grid.steps, inputs.ahead.length], 0, 1) } : {}),
    ...(inputs.baseline ? { baseline: drawn([batch, grid.steps], -14, 0.3) } : {}),
    log_returns: drawn([batch, grid.steps], 0, 1e-3),
    known: drawn([batch, grid.steps], 1, 0),
  }
}

async function run(runtime: GraphRuntime, model: Uint8Array, inputs: Readonly<Record<string, GraphTensor>>) {
  const session = await runtime.load(model)
  try {
    return await session.run(inputs)
  } finally {
    await session.release()
  }
}

function firstWindow([name, { dims, values }]: [string, GraphTensor]): [string, GraphTensor] {
  return [name, { dims: dims.with(0, 1), values: values.slice(0, sizeOf(dims) / batch) as Float32Array }]
}

/** Over the first window; a number that is none makes the difference none. */
function difference(one: GraphTensor, other: GraphTensor, count: number): number {
  const [a, b] = [numbersOf(one), numbersOf(other)]
  let largest = 0
  for (let i = 0; i < count; i += 1) largest = Math.max(largest, Math.abs(a[i]! - b[i]!))
  return largest
}

function numbersOf({ values }: GraphTensor): number[] {
  return Array.from(values, Number)
}

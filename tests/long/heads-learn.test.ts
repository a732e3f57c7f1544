/** Each head, with a loss that fits it, finds a volatility that is known: of a window and of a step. */
import { expect, it } from 'vitest'
import { OnnxGraphRuntime } from '#adapters/onnx/graph-sessions'
import { SplitMix64 } from '#core/base/random/rng'
import { Sfc32 } from '#core/base/random/sfc32'
import type { GraphTensor } from '#core/forecast/models/onnx/graph-runtime'
import { servingModel } from '#models/compile/compile-model'
import { parseRecipe } from '#models/compile/parse-recipe'
import { discoverComponents } from '#models/registry/discover'
import { trainModel, type WindowSet } from '#models/training/train-model'

const [rows, steps] = [4, 12]
const components = await discoverComponents()
const runtime = new OnnxGraphRuntime()

interface Case {
  readonly head: Record<string, unknown>
  readonly loss: Record<string, unknown>
  /** The largest mean error of the log-variance that is left. */
  readonly most: number
}

/**
 * What is left to whoever knows the step alone is 0.33, the window alone 0.50, neither 0.57. A flat head cannot know the
 * step, a straight line knows a part of it; the residual head starts with the step.
 */
const cases: readonly Case[] = [
  { head: { use: 'gbm' }, loss: { use: 'crps_gaussian' }, most: 0.53 },
  { head: { use: 'sde' }, loss: { use: 'validator' }, most: 0.55 },
  { head: { use: 'simple_horizon' }, loss: { use: 'crps_gaussian' }, most: 0.1 },
  { head: { use: 'simple_horizon', level: true }, loss: { use: 'validator' }, most: 0.1 },
  { head: { use: 'horizon' }, loss: { use: 'log_likelihood' }, most: 0.1 },
  { head: { use: 'vol_term_structure' }, loss: { use: 'crps_gaussian' }, most: 0.4 },
  { head: { use: 'mixture_density', parts: 2 }, loss: { use: 'crps_mixture' }, most: 0.12 },
  { head: { use: 'mixture_density', parts: 2 }, loss: { use: 'crps_almost_fair' }, most: 0.25 },
  { head: { use: 'student_t' }, loss: { use: 'crps_student_t' }, most: 0.12 },
  { head: { use: 'student_t' }, loss: { use: 'crps_sorted' }, most: 0.25 },
  { head: { use: 'residual' }, loss: { use: 'validator' }, most: 0.25 },
  { head: { use: 'residual', curve: 'perStep', tails: 'normal' }, loss: { use: 'crps_mixture' }, most: 0.15 },
]

/** Whose first number of the last row says how volatile the steps after it are. */
class Windows implements WindowSet {
  readonly count: number
  readonly hasBaseline: boolean
  readonly past: Float32Array
  readonly returns: Float32Array
  readonly truth: Float32Array

  constructor(count: number, label: string, hasBaseline: boolean) {
    const random = new Sfc32(new SplitMix64(17n).fork(label))
    this.count = count
    this.hasBaseline = hasBaseline
    this.past = Float32Array.from({ length: count * rows * 2 }, () => random.normal())
    this.truth = Float32Array.from({ length: count * steps }, (_, i) => {
      const said = this.past[(Math.floor(i / steps) * rows + rows - 1) * 2]!
      return calm(i % steps) + 0.6 * Math.tanh(said)
    })
    this.returns = this.truth.map((logVariance) => Math.exp(logVariance / 2) * random.normal())
  }

  read(windows: readonly number[]): Record<string, GraphTensor> {
    const pick = (all: Float32Array, shape: readonly number[]) => {
      const width = all.length / this.count
      const values = new Float32Array(windows.length * width)
      for (const [i, window] of windows.entries())
        values.set(all.subarray(window * width, (window + 1) * width), i * width)
      return { dims: [windows.length, ...shape], values }
    }
    const known = new Float32Array(this.returns.length).fill(1)
    return {
      past: pick(this.past, [rows, 2]),
      log_returns: pick(this.returns, [steps]),
      known: pick(known, [steps]),
      // The calibrated forecast knows the steps and not the window.
      ...(this.hasBaseline
        ? {
            baseline: pick(
              known.map((_, i) => calm(i % steps)),
              [steps],
            ),
          }
        : {}),
    }
  }
}

function calm(step: number): number {
  return -12 + 0.8 * Math.sin((2 * Math.PI * step) / steps)
}

it.each(cases)('$head.use finds it by $loss.use', async ({ head, loss, most }) => {
  const hasBaseline = head['use'] === 'residual'
  const read = parseRecipe(
    {
      name: 'known',
      assets: ['BTC'],
      horizon: 'high',
      grid: { stepSeconds: 300, steps },
      data: { use: 'mock' },
      inputs: { rows, stepSeconds: 300, past: [{ kind: 'logReturn' }, { kind: 'daySin' }], baseline: hasBaseline },
      model: { width: 16, blocks: [{ use: 'linear', activation: 'tanh' }], head },
      loss,
      training: { batch: 32, steps: 600, learningRate: 0.01, warmUp: 10, evaluateEvery: 100 },
    },
    components,
  )
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  const validation = new Windows(256, 'validation', hasBaseline)
  const end = await trainModel(runtime, {
    recipe: read.recipe,
    config: read.recipe.training,
    owner: { recipeHash: 'x', seed: 1, fold: undefined, dataHash: 'x' },
    train: new Windows(2048, 'train', hasBaseline),
    validation,
  })
  if (end.kind !== 'done') throw new Error(JSON.stringify(end))
  const session = await runtime.load(servingModel(read.recipe, end.weights).bytes)
  let error = 0
  for (let window = 0; window < 64; window += 1) {
    const { past, baseline } = validation.read([window])
    const found = await session.run({ past: past!, ...(baseline === undefined ? {} : { baseline }) })
    error += errorOf(found, validation.truth.subarray(window * steps, (window + 1) * steps)) / 64
  }
  await session.release()
  expect(error).toBeLessThan(most)
})

/** Mean over the steps of the error of the log of the mean variance. */
function errorOf({ log_variance, weights }: Readonly<Record<string, GraphTensor>>, truth: Float32Array): number {
  const numbers = log_variance!.values as Float32Array
  const shares = weights === undefined ? [1] : [...(weights.values as Float32Array)]
  return (
    truth.reduce((sum, logVariance, step) => {
      const variance = shares.reduce((total, share, part) => total + share * Math.exp(numbers[part * steps + step]!), 0)
      return sum + Math.abs(Math.log(variance) - logVariance)
    }, 0) / steps
  )
}

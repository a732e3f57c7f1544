import { SplitMix64 } from '#core/base/random/rng'
import { Sfc32 } from '#core/base/random/sfc32'
import type { GraphTensor } from '#core/forecast/models/onnx/graph-runtime'
import { parseRecipe } from '#models/compile/parse-recipe'
import type { Recipe } from '#models/compile/recipe'
import { recipeHash } from '#models/compile/recipe-hash'
import type { TrainingJob, WindowSet } from '#models/training/train-model'
import { toyComponents, toyRecipe } from './toy-components.ts'

export function aToyRecipe(model: object = {}, rest: object = {}): Recipe {
  const read = parseRecipe(toyRecipe(model, rest), toyComponents())
  if (!read.ok) throw new Error(read.problems.map(({ path, sentence }) => `${path}: ${sentence}`).join('\n'))
  return read.recipe
}

/** Windows whose last row says how volatile the four steps after it are. */
export function toyWindows(count: number, label: string): WindowSet {
  const random = new Sfc32(new SplitMix64(9n).fork(label))
  const draw = (length: number, of: () => number) => Float32Array.from({ length }, of)
  const past = draw(count * 10, () => random.normal())
  const returns = draw(count * 4, () => random.normal())
  for (let i = 0; i < returns.length; i += 1)
    returns[i] = returns[i]! * Math.exp(0.5 * past[Math.floor(i / 4) * 10 + 8]!)
  const rows = (all: Float32Array, width: number, windows: readonly number[]): Float32Array => {
    const picked = new Float32Array(windows.length * width)
    for (const [i, window] of windows.entries())
      picked.set(all.subarray(window * width, (window + 1) * width), i * width)
    return picked
  }
  return {
    count,
    read: (windows): Record<string, GraphTensor> => ({
      past: { dims: [windows.length, 5, 2], values: rows(past, 10, windows) },
      log_returns: { dims: [windows.length, 4], values: rows(returns, 4, windows) },
      known: { dims: [windows.length, 4], values: new Float32Array(windows.length * 4).fill(1) },
    }),
  }
}

const usual = {
  ...{ batch: 8, steps: 60, learningRate: 0.02, warmUp: 5, ema: 0.9, evaluateEvery: 10, checkpointEvery: 15 },
}

export function aToyJob(training: object = {}, seed = 1): TrainingJob {
  const recipe = aToyRecipe({ blocks: [{ use: 'toy', dropout: 0.2 }] }, { training: { ...usual, ...training } })
  return {
    recipe,
    config: recipe.training,
    owner: { recipeHash: recipeHash(recipe), seed, fold: undefined, dataHash: 'toy' },
    train: toyWindows(50, 'train'),
    validation: toyWindows(21, 'validation'),
  }
}

/** A checkpoint file in memory. */
export class MemoryCheckpoint {
  content: Uint8Array | undefined

  read(): Uint8Array | undefined {
    return this.content
  }

  write(bytes: Uint8Array): void {
    this.content = bytes
  }
}

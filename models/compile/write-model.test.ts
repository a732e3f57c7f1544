import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { OnnxGraphRuntime } from '#adapters/onnx/graph-sessions'
import { multiply } from '#models/graph/arithmetic'
import { defineBlock, defineHead } from '#models/registry/component'
import { type Components, discoverComponents } from '#models/registry/discover'
import { toyComponents, toyRecipe } from '#tests/support/models/toy-components'
import { outlineModel, servingModel } from './compile-model.ts'
import { parseRecipe } from './parse-recipe.ts'
import { recipeError } from './recipe-error.ts'
import { startWeights } from './start-weights.ts'
import { tryModel } from './try-model.ts'

const same = defineBlock({
  name: 'same',
  description: 'Gives what it gets, times a weight that starts at 1.',
  ...{ keepsLength: true, keepsWidth: true, leastLength: 1 },
  settings: z.strictObject({ weight: z.boolean().default(true) }),
  build: (scope, x, { weight }) =>
    weight ? multiply(x, scope.parameter('weight', [1], { kind: 'constant', value: 1 })) : x,
})
const shows = defineHead({
  name: 'shows',
  description: 'Gives what it gets.',
  ...{ needsBaseline: false, settings: z.strictObject({}) },
  build: (_scope, { pooled, stepSeconds }) => ({
    ...{ stepSeconds, logVariance: pooled, weights: undefined, drift: undefined, levelLogSd: undefined },
    tails: { kind: 'normal' },
  }),
})

let components: Components
beforeAll(async () => {
  const found = await discoverComponents()
  const toys = toyComponents(...found.blocks.list(), same, shows)
  components = { ...toys, features: found.features }
})

function recipeOf(model: object, rest: object = {}) {
  const read = parseRecipe(toyRecipe(model, rest), components)
  if (!read.ok) throw recipeError(read.problems)
  return read.recipe
}

function problemsOf(model: object): string[] {
  const read = parseRecipe(toyRecipe(model), components)
  return read.ok ? [] : read.problems.map(({ path, sentence }) => `${path}: ${sentence}`)
}

/** The log-variances of one window of five steps and two features, by a fresh model. */
async function forecast(model: object, window: readonly number[], rest: object = {}): Promise<number[]> {
  const recipe = recipeOf(model, rest)
  const { bytes } = servingModel(recipe, startWeights(outlineModel(recipe).parameters, 3))
  const session = await new OnnxGraphRuntime().load(bytes)
  try {
    const found = await session.run({ past: { dims: [1, 5, 2], values: Float32Array.from(window) } })
    return Array.from(found['log_variance']!.values, Number)
  } finally {
    await session.release()
  }
}

it('pools the last step, the mean or the largest values', async () => {
  const bare = { width: 2, skipInputProjection: true, blocks: [{ use: 'same' }], head: { use: 'shows' } }
  const pooledBy = (pooling: string) => forecast({ ...bare, pooling }, window, { grid: { stepSeconds: 60, steps: 2 } })
  const window = [1, 50, 2, 40, 9, 30, 3, 20, 5, 10]
  expect(await pooledBy('last')).toEqual([5, 10])
  expect(await pooledBy('mean')).toEqual([4, 30])
  expect(await pooledBy('max')).toEqual([9, 50])
})

it('refuses a model without weights', () => {
  const blocks = [{ use: 'same', weight: false }]
  const bare = { width: 2, skipInputProjection: true, blocks, head: { use: 'shows' } }
  const read = parseRecipe(toyRecipe(bare, { grid: { stepSeconds: 60, steps: 2 } }), components)
  expect(read.ok ? [] : read.problems).toEqual([{ path: 'model', sentence: 'it has no weights to train' }])
})

it('puts a layer norm behind each block when asked', () => {
  const namesOf = (model: object) => outlineModel(recipeOf(model)).parameters.map(({ name }) => name)
  const added = namesOf({ insertLayerNorm: true }).filter((name) => !namesOf({}).includes(name))
  expect(added).toEqual(
    [0, 1].flatMap((block) => [`blocks.${block}.insertedNorm.scale`, `blocks.${block}.insertedNorm.shift`]),
  )
})

describe('a window that is brought to one scale', () => {
  /** Mean 0 and variance 1 in both features. */
  const normal = [-1, 1, 1, -1, 0, 0, -1.5, 1.5, 1.5, -1.5].map((value) => value / Math.sqrt(1.3))
  const raw = { blocks: [{ use: 'toy' }] }
  const reversible = { ...raw, revin: true }

  it('gives the forecast of a model without it where the window has that scale already', async () => {
    const [with_, without] = [await forecast(reversible, normal), await forecast(raw, normal)]
    for (const [step, value] of with_.entries()) expect(value).toBeCloseTo(without[step]!, 4)
  })

  it('gives the scale back: a window ten times as lively has a variance a hundred times as large', async () => {
    const lively = normal.map((value) => 10 * value + 3)
    const [calm, loud] = [await forecast(reversible, normal), await forecast(reversible, lively)]
    for (const [step, value] of loud.entries()) expect(value - calm[step]!).toBeCloseTo(Math.log(100), 3)
    // A model without it knows nothing of the kind.
    const [calmRaw, loudRaw] = [await forecast(raw, normal), await forecast(raw, lively)]
    expect(Math.abs(loudRaw[0]! - calmRaw[0]! - Math.log(100))).toBeGreaterThan(1)
  })

  it('is refused at its own setting when the window is too short', () => {
    const read = parseRecipe(
      { ...toyRecipe(reversible), inputs: { rows: 2, stepSeconds: 60, past: [{ kind: 'logReturn' }] } },
      components,
    )
    expect(read.ok ? [] : read.problems).toEqual([
      { path: 'model.revin', sentence: 'revin needs a sequence of at least 3, this one has 2' },
    ])
  })
})

describe('paths side by side', () => {
  const fusion = (paths: object[][], join: string) => ({ blocks: [{ use: 'parallelfusion', join, paths }] })

  it.each(['gated', 'concat'])('are joined (%s), trained and served', async (join) => {
    const recipe = recipeOf(fusion([[{ use: 'toy' }], [{ use: 'grublock' }, { use: 'toy' }]], join))
    expect(recipe.model.blocks[0]).toMatchObject({ paths: [[{ dropout: 0 }], [{ layers: 1 }, { bias: true }]] })
    const answer = await tryModel(new OnnxGraphRuntime(), recipe)
    expect(answer.ok && answer.trial.servingDifference).toBeLessThan(1e-6)
  })

  it('are checked at their place, all together', () => {
    expect(problemsOf(fusion([[{ use: 'toy', droput: 0 }], [{ use: 'grublok' }]], 'gated'))).toEqual([
      'model.blocks.0.paths.0.0.droput: This key is unknown. Did you mean dropout?',
      'model.blocks.0.paths.1.0.use: There is no block grublok. Did you mean grublock?',
    ])
    expect(problemsOf(fusion([[{ use: 'toy' }]], 'gated'))[0]).toMatch(/^model.blocks.0.paths: Too small/)
    expect(problemsOf(fusion([[{ use: 'toy' }], [{ use: 'laststepadapter' }]], 'gated'))).toEqual([
      'model.blocks.0: blocks.0 parallelfusion › paths.1: the path must keep the shape [2, 5, 3], but gives [2, 1, 3]',
    ])
  })
})

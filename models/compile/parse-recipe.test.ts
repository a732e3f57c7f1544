import { expect, it } from 'vitest'
import { z } from 'zod'
import { concat, slice } from '#models/graph/shape-operators'
import { defineBlock, defineHead } from '#models/registry/component'
import { toyComponents, toyRecipe } from '#tests/support/models/toy-components'
import { parseRecipe } from './parse-recipe.ts'

function problemsOf(content: unknown, components = toyComponents()): string[] {
  const read = parseRecipe(content, components)
  return read.ok ? [] : read.problems.map(({ path, sentence }) => `${path}: ${sentence}`)
}

it('fills in the defaults of the recipe and of each component', () => {
  const read = parseRecipe(toyRecipe(), toyComponents())
  expect(read.ok && read.recipe.model).toEqual({
    width: 3,
    insertLayerNorm: false,
    skipInputProjection: false,
    revin: false,
    blocks: [
      { use: 'toy', dropout: 0, bias: true },
      { use: 'toy', dropout: 0, bias: true },
    ],
    pooling: 'last',
    head: { use: 'toy_head', scale: 1 },
  })
})

it('reports everything at once: unknown keys, components and kinds, wrong types, what is missing', () => {
  const content = toyRecipe(
    { widht: 3, width: '3', blocks: [{ use: 'toy', droput: 0.1, bias: 1 }, { use: 'tpy' }], pooling: 'lst' },
    { inputs: { rows: 5, stepSeconds: 60, past: [{ kind: 'logRetrun' }, { kind: 'daySin', clok: 'utc' }] }, seed: -1 },
  )
  delete content['horizon']
  expect(problemsOf(content)).toEqual([
    'horizon: This setting is missing.',
    'model.width: Invalid input: expected number, received string.',
    'model.pooling: There is no lst. Did you mean last?',
    'model.widht: This key is unknown. Did you mean width?',
    'seed: Too small: expected number to be >=0.',
    'model.blocks.0.bias: Invalid input: expected boolean, received number.',
    'model.blocks.0.droput: This key is unknown. Did you mean dropout?',
    'model.blocks.1.use: There is no block tpy. Did you mean toy?',
    'inputs.past.0.kind: There is no feature logRetrun. Did you mean logReturn?',
    'inputs.past.1.clok: This key is unknown. Did you mean clock?',
  ])
})

it.each([
  [{ data: { use: 'mok' } }, ['data.use: There is no mok. Did you mean mock?']],
  [
    { data: { use: 'csv', foldr: 'x' } },
    ['data.folder: This setting is missing.', 'data.foldr: This key is unknown. Did you mean folder?'],
  ],
  [
    { split: { validaton: 0.1, test: 2 } },
    [
      'split.test: Too big: expected number to be <=0.8.',
      'split.validaton: This key is unknown. Did you mean validation?',
    ],
  ],
  [{ split: { use: 'walkForward', fold: 3 } }, ['split.fold: This key is unknown. Did you mean folds?']],
  [{ split: { use: 'random' } }, ['split.use: There is no random. Known: holdout, walkForward.']],
])('checks data and split by their own settings: %j', (rest, problems) => {
  expect(problemsOf(toyRecipe({}, rest))).toEqual(problems)
})

it('refuses an empty list of blocks', () => {
  expect(problemsOf(toyRecipe({ blocks: [] }))).toEqual(['model.blocks: The list of blocks is empty.'])
})

const shrinking = { keepsLength: false, keepsWidth: true, settings: z.strictObject({}), description: 'Drops a step.' }
const honest = defineBlock({
  ...shrinking,
  name: 'honest',
  leastLength: 5,
  build: (_scope, x) => slice(x, { axis: 1, start: 1 }),
})
const liar = defineBlock({
  ...shrinking,
  name: 'liar',
  leastLength: 1,
  keepsLength: true,
  build: (_scope, x) => slice(x, { axis: 1, start: 1 }),
})
const wide = defineBlock({
  ...shrinking,
  name: 'wide',
  leastLength: 1,
  keepsLength: true,
  build: (_scope, x) => concat([x, x], 2),
})

it('names a block that breaks its own word, and goes on to the next', () => {
  const components = toyComponents(honest, liar, wide)
  expect(problemsOf(toyRecipe({ blocks: [{ use: 'honest' }, { use: 'toy' }] }), components)).toEqual([])
  const blocks = [{ use: 'liar' }, { use: 'toy' }, { use: 'wide' }, { use: 'honest' }, { use: 'honest' }]
  expect(problemsOf(toyRecipe({ blocks }), components)).toEqual([
    'model.blocks.0: blocks.0 liar: block liar makes [2, 4, 3] of [2, 5, 3], but it says that it keeps the length',
    'model.blocks.2: blocks.2 wide: block wide makes [2, 5, 6] of [2, 5, 3], but it says that it keeps the width',
    'model.blocks.4: honest needs a sequence of at least 5, this one has 4',
  ])
})

it('refuses a head without the forecast that it corrects', () => {
  const { build, settings } = toyComponents().heads.list()[0]!
  const corrects = defineHead({ name: 'corrects', description: 'x', needsBaseline: true, settings, build })
  const recipe = toyRecipe({ head: { use: 'corrects' } })
  expect(problemsOf(recipe, toyComponents(corrects))).toEqual([
    'inputs.baseline: head corrects corrects the calibrated forecast: set inputs.baseline to true',
  ])
})

it('refuses a training step that does not fit into memory', () => {
  expect(problemsOf(toyRecipe({}, { training: { batch: 1_000 } }))).toEqual([])
  expect(problemsOf(toyRecipe({ width: 1_000 }, { training: { batch: 20_000 } }))).toEqual([
    expect.stringMatching(
      /^training.batch: a step of 20000 windows takes up to \d+[.]\d GB of memory, more than 3.0 GB: /,
    ),
  ])
})

it('takes the features as the width without a projection, and only if they fit', () => {
  expect(problemsOf(toyRecipe({ skipInputProjection: true, width: 2 }))).toEqual([])
  expect(problemsOf(toyRecipe({ skipInputProjection: true }))).toEqual([
    'model.width: without a projection the width is the number of features, 2',
  ])
})

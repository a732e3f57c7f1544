import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { toyComponents, toyRecipe } from '#tests/support/models/toy-components'
import { readRecipe, writeRecipe } from './read-recipe.ts'
import type { Recipe } from './recipe.ts'
import { recipeHash } from './recipe-hash.ts'

const toy = stringify(toyRecipe())
/** A reference, as recipes write it. */
const ref = (path: string) => `\${${path}}`
const presets = { folder: 'presets', names: ['toy_preset'] }

function read(files: Readonly<Record<string, string>>, ...overrides: string[]) {
  const readText = (path: string) => ({ 'presets/toy_preset.yaml': toy, 'r/base.yaml': toy, ...files })[path]
  return readRecipe({ file: 'r/mine.yaml', overrides, readText, presets }, toyComponents())
}

function recipeOf(text: string, ...overrides: string[]): Recipe {
  const found = read({ 'r/mine.yaml': text }, ...overrides)
  if (!found.ok) throw new Error(JSON.stringify(found.problems, null, 1))
  return found.recipe
}

function problemsOf(files: string | Readonly<Record<string, string>>, ...overrides: string[]): string[] {
  const found = read(typeof files === 'string' ? { 'r/mine.yaml': files } : files, ...overrides)
  return found.ok
    ? []
    : found.problems.map(
        ({ file, line, path, sentence }) => `${file}${line === undefined ? '' : `:${line}`}: ${path}: ${sentence}`,
      )
}

describe('defaults', () => {
  it('joins maps, the later file over the earlier one and the own settings over all, and replaces lists', () => {
    const { model, seed, name } = recipeOf(
      `
defaults: [base.yaml, more/other.yaml]
model:
  width: 8
  blocks: [{ use: toy, dropout: 0.25 }]
`.replace('more/other.yaml', 'toy_preset'),
    )
    expect({ width: model.width, blocks: model.blocks, seed, name }).toEqual({
      width: 8,
      blocks: [{ use: 'toy', dropout: 0.25, bias: true }],
      seed: 1,
      name: 'toy',
    })
  })

  it('takes a file by its whole path', () => {
    const found = read({ 'r/mine.yaml': 'defaults: [/shared/base.yaml]\nseed: 3\n', '/shared/base.yaml': toy })
    expect(found.ok && found.recipe.seed).toBe(3)
  })

  it('takes files from the folder of the file that names them, and names a circle', () => {
    const files = {
      'r/mine.yaml': 'defaults: [parts/a.yaml]\nseed: 3\n',
      'r/parts/a.yaml': 'defaults: [b.yaml]\nseed: 2\n',
      'r/parts/b.yaml': 'defaults:\n  - ../base.yaml\nmodel: { pooling: mean }\n',
    }
    const found = read(files)
    expect(found.ok && [found.recipe.seed, found.recipe.model.pooling]).toEqual([3, 'mean'])
    const circle = problemsOf({ ...files, 'r/parts/b.yaml': '# a comment\ndefaults: [../mine.yaml]' })
    expect(circle[0]).toBe(
      'r/parts/b.yaml:2: defaults: These files include each other: mine.yaml → parts/a.yaml → parts/b.yaml → mine.yaml.',
    )
  })

  it('names a file and a preset that do not exist', () => {
    expect(problemsOf('defaults: [base.yaml, gone.yaml, toy_presets]')).toEqual([
      'r/mine.yaml:1: defaults: There is no file r/gone.yaml.',
      'r/mine.yaml:1: defaults: There is no preset toy_presets. Did you mean toy_preset?',
    ])
    expect(problemsOf({})).toEqual(['r/mine.yaml: : There is no file r/mine.yaml.'])
    const misspelt = readRecipe({ file: 'toy_presett', readText: () => undefined, presets }, toyComponents())
    expect(misspelt.ok ? [] : misspelt.problems[0]!.sentence).toMatch(/ Did you mean the preset toy_preset[?]$/)
  })

  it('takes a component with another name as a whole: the settings of the first do not fit it', () => {
    const base = toy.replace('use: toy_head', 'use: toy_head\n    scale: 3')
    const files = { 'r/base.yaml': base, 'r/mine.yaml': 'defaults: [base.yaml]\nloss: { use: toy_loss }' }
    const found = read({ ...files, 'r/mine.yaml': `${files['r/mine.yaml']}\nmodel: { head: { use: other } }` })
    expect(found.ok ? [] : found.problems.map(({ path }) => path)).toEqual(['model.head.use'])
    const same = read({ ...files, 'r/mine.yaml': `${files['r/mine.yaml']}\nmodel: { head: { use: toy_head } }` })
    expect(same.ok && same.recipe.model.head['scale']).toBe(3)
  })
})

describe('references', () => {
  it('gives a value of any kind alone, and text within text', () => {
    const { model, description } = recipeOf(`
defaults: [base.yaml]
description: width ${ref('model.width')} of ${ref('inputs.past')}
model:
  width: ${ref('inputs.rows')}
  blocks:
    - use: toy
      dropout: 0.5
    - ${ref('model.blocks.0')}
`)
    expect(description).toBe('width 5 of [{"kind":"logReturn"},{"kind":"daySin"}]')
    expect(model.width).toBe(5)
    expect(model.blocks[1]).toEqual({ use: 'toy', dropout: 0.5, bias: true })
  })

  it('names circles and unknown paths, at the line that asks', () => {
    const text = [
      'defaults: [base.yaml]',
      `seed: ${ref('model.width')}`,
      'model:',
      `  width: ${ref('seed')}`,
      `  pooling: ${ref('modle.x')}`,
    ]
    expect(problemsOf(text.join('\n'))).toEqual([
      'r/mine.yaml:4: model.width: These settings refer to each other: seed → model.width → seed.',
      'r/mine.yaml:5: model.pooling: There is no setting modle.x. Did you mean model?',
      'r/mine.yaml:2: seed: These settings refer to each other: model.width → seed → model.width.',
    ])
    expect(problemsOf(`defaults: [base.yaml]\nmodel:\n  head: ${ref('model')}`)[0]).toMatch(/: model → model[.]$/)
  })

  it('sees what the command line sets', () => {
    expect(recipeOf(`defaults: [base.yaml]\nseed: ${ref('model.width')}`, 'model.width=9').seed).toBe(9)
  })
})

describe('settings of the command line', () => {
  it('are YAML, and name items of lists by index', () => {
    const recipe = recipeOf(
      toy,
      'model.blocks.1.dropout=0.3',
      'model.pooling=max',
      'assets=[ETH, SOL]',
      'split.test=0.2',
    )
    expect(recipe.model.blocks[1]).toEqual({ use: 'toy', dropout: 0.3, bias: true })
    expect([recipe.model.pooling, recipe.assets]).toEqual(['max', ['ETH', 'SOL']])
  })

  it('are refused with the nearest key, all of them together', () => {
    expect(problemsOf(toy, 'modle.width=3', 'model.blocks.2.bias=false', 'name.x=1', 'seed', 'model.width=[3')).toEqual(
      [
        'command line, model.blocks.2.bias=false: model.blocks.2: model.blocks has 2 items: the last one is 1.',
        'command line, name.x=1: name.x: name holds no further settings.',
        'command line, seed: : A setting is written as path=value.',
        expect.stringMatching(/^command line, model.width=\[3: model.width: Flow sequence/),
        'command line, modle.width=3: modle: This key is unknown. Did you mean model?',
      ],
    )
    expect(problemsOf(toy, 'model.head.scael=2', 'model.width=a')).toEqual([
      'command line, model.width=a: model.width: Invalid input: expected number, received string.',
      'command line, model.head.scael=2: model.head.scael: This key is unknown. Did you mean scale?',
    ])
  })
})

it('reports all problems with file and line: of the text, of keys, of types and of shapes', () => {
  const files = {
    'r/mine.yaml': 'defaults: [part.yaml]\nmodel:\n  skipInputProjection: true\n  poolin: mean\nsede: 1\n',
    'r/part.yaml': `defaults: [base.yaml]\n\ninputs:\n  rows: five\n`,
  }
  expect(problemsOf(files)).toEqual([
    'r/part.yaml:4: inputs.rows: Invalid input: expected number, received string.',
    'r/mine.yaml:4: model.poolin: This key is unknown. Did you mean pooling?',
    'r/mine.yaml:5: sede: This key is unknown. Did you mean seed?',
  ])
  expect(problemsOf({ ...files, 'r/part.yaml': 'defaults: [base.yaml]' })).toEqual([
    'r/mine.yaml:4: model.poolin: This key is unknown. Did you mean pooling?',
    'r/mine.yaml:5: sede: This key is unknown. Did you mean seed?',
    'r/base.yaml:17: model.width: without a projection the width is the number of features, 2',
  ])
})

it('names the line of what is not YAML, of a key that is there twice, and of an alias', () => {
  expect(problemsOf('name: a\nname: b\nmodel: {')).toEqual([
    expect.stringMatching(/^r\/mine.yaml:2: : Map keys must be unique/),
    expect.stringMatching(/^r\/mine.yaml:3: : Flow map/),
  ])
  expect(problemsOf('a: &x 1\nb: *x')).toEqual([
    'r/mine.yaml:2: : Aliases are not read here: refer to a setting by its path.',
  ])
  expect(problemsOf('- 1')).toEqual(['r/mine.yaml:1: defaults: The file holds no settings.'])
  expect(problemsOf('')[0]).toBe('r/mine.yaml:1: defaults: The file holds no settings.')
})

describe('the hash', () => {
  it('is the same whatever the order of keys, and the same tomorrow', () => {
    const backwards = (value: unknown): unknown =>
      typeof value !== 'object' || value === null || Array.isArray(value)
        ? value
        : Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([name, child]) => [name, backwards(child)]),
          )
    const recipe = recipeOf(toy)
    expect(recipeHash(recipe)).toMatch(/^[0-9a-f]{12}$/)
    expect(recipeHash(recipeOf(stringify(backwards(toyRecipe()))))).toBe(recipeHash(recipe))
    // As sha256sum gives it, of one written-out content: a new default of the schema changes the hash of a recipe, and may.
    expect(recipeHash({ seed: 1, model: { width: 64, blocks: [{ use: 'lstmblock' }] } } as unknown as Recipe)).toBe(
      'c334c603314b',
    )
  })

  it('is of every setting, defaults included, but not of name and description', () => {
    const hash = recipeHash(recipeOf(toy))
    expect(recipeHash(recipeOf(toy, 'model.blocks.0.dropout=0'))).toBe(hash)
    expect(recipeHash(recipeOf(toy, 'name=other', 'description=words'))).toBe(hash)
    for (const change of ['model.blocks.0.dropout=0.1', 'seed=2', 'model.pooling=mean', 'inputs.past.1.clock=utc']) {
      expect(recipeHash(recipeOf(toy, change)), change).not.toBe(hash)
    }
  })
})

it('writes a resolved recipe that reads back as the same one', () => {
  const recipe = recipeOf(`defaults: [base.yaml]\nseed: ${ref('model.width')}`, 'model.blocks.0.dropout=0.1')
  const again = recipeOf(writeRecipe(recipe))
  expect(again).toEqual({ ...recipe, components: again.components })
  expect(recipeHash(again)).toBe(recipeHash(recipe))
})

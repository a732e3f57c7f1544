import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { OnnxGraphRuntime } from '#adapters/onnx/graph-sessions'
import { readRecipe } from '#models/compile/read-recipe'
import { recipeError } from '#models/compile/recipe-error'
import { presets, recipeSource } from '#models/compile/recipe-files'
import { recipeHash } from '#models/compile/recipe-hash'
import { tryModel } from '#models/compile/try-model'
import { type Components, discoverComponents } from '#models/registry/discover'

let components: Components
beforeAll(async () => {
  components = await discoverComponents()
})

const bench = readdirSync(join(import.meta.dirname, 'bench')).map((name) => join(import.meta.dirname, 'bench', name))

function recipeOf(name: string) {
  const read = readRecipe(recipeSource(name), components)
  if (!read.ok) throw recipeError(read.problems)
  return read.recipe
}

it('are those that users of other toolkits look for', () => {
  expect(presets.names).toEqual([
    'baseline_gbm',
    'dlinear_simple',
    'horizon_transformer',
    'mixture_density',
    'residual',
    'revin_transformer',
    'sde_transformer',
    'vol_term_structure',
  ])
})

describe.each([...presets.names, ...bench])('%s', (name) => {
  it('compiles and runs, as it is trained and as it is served', async () => {
    const recipe = recipeOf(name)
    const answer = await tryModel(new OnnxGraphRuntime(), recipe)
    expect(answer).toMatchObject({ ok: true })
    if (answer.ok) expect(answer.trial.servingDifference).toBeLessThan(1e-5)
  })
})

it('are all different experiments', () => {
  const hashes = [...presets.names, ...bench].map((name) => recipeHash(recipeOf(name)))
  expect(new Set(hashes).size).toBe(hashes.length)
})

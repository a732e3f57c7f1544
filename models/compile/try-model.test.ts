import { expect, it } from 'vitest'
import { z } from 'zod'
import { OnnxGraphRuntime } from '#adapters/onnx/graph-sessions'
import { log, plus, times } from '#models/graph/arithmetic'
import { defineBlock } from '#models/registry/component'
import { toyComponents, toyRecipe } from '#tests/support/models/toy-components'
import { parseRecipe } from './parse-recipe.ts'
import { tryModel } from './try-model.ts'

const kept = { keepsLength: true, keepsWidth: true, leastLength: 1, settings: z.strictObject({}), description: 'x' }
const nan = defineBlock({ ...kept, name: 'nan', build: (_scope, x) => log(times(x, 0)) })
const forgets = defineBlock({
  ...kept,
  name: 'forgets',
  build: (scope, x) => {
    const noise = scope.noise('noise', x.shape, { kind: 'normal' })
    // A block that serves something else than it learned.
    return noise === undefined && x.shape[0] === 1 ? plus(x, 1) : x
  },
})

async function trial(model: object) {
  const read = parseRecipe(toyRecipe(model), toyComponents(nan, forgets))
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  return tryModel(new OnnxGraphRuntime(), read.recipe)
}

it('runs a fresh model once, as it is trained and as it is served', async () => {
  const answer = await trial({ blocks: [{ use: 'toy', dropout: 0.5 }] })
  if (!answer.ok) throw new Error(JSON.stringify(answer.problems))
  expect(answer.trial.loss).toBeGreaterThan(-1)
  expect(answer.trial.gradientNorm).toBeGreaterThan(0)
  expect(answer.trial.servingDifference).toBeLessThan(1e-6)
})

it('names what is wrong with a model that runs', async () => {
  const problemOf = async (use: string) => {
    const answer = await trial({ blocks: [{ use }] })
    return answer.ok ? undefined : answer.problems
  }
  expect(await problemOf('nan')).toEqual([{ path: 'model', sentence: 'the loss of a fresh model is NaN' }])
  expect(await problemOf('forgets')).toEqual([
    { path: 'model', sentence: expect.stringMatching(/^what is served differs by \d[.]\d+ from what is trained/) },
  ])
})

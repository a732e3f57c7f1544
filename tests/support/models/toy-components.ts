import { z } from 'zod'
import { add, divide, exp, multiply, tanh, times } from '#models/graph/arithmetic'
import { dropout, linear } from '#models/graph/composites'
import { reduceSum } from '#models/graph/reduce'
import { defineBlock, defineHead, defineLoss } from '#models/registry/component'
import { ComponentTable } from '#models/registry/component-table'
import type { Components } from '#models/registry/discover'
import { features } from '#tests/support/onnx-models'

/** The smallest components of each kind, for tests of what is around them. */
const toyBlock = defineBlock({
  name: 'toy',
  description: 'A linear layer, tanh and dropout.',
  keepsLength: true,
  keepsWidth: true,
  leastLength: 1,
  settings: z.strictObject({ dropout: z.number().min(0).max(0.9).default(0), bias: z.boolean().default(true) }),
  build: (scope, x, { dropout: share, bias }) => dropout(scope, tanh(linear(scope, x, x.shape[2]!, { bias })), share),
})

const toyHead = defineHead({
  name: 'toy_head',
  description: 'The log-variance of each step, from the pooled width.',
  needsBaseline: false,
  settings: z.strictObject({ scale: z.number().default(1) }),
  build: (scope, { pooled, steps, stepSeconds }, { scale }) => ({
    stepSeconds,
    logVariance: times(linear(scope, pooled, steps), scale),
    weights: undefined,
    drift: undefined,
    tails: { kind: 'normal' },
    levelLogSd: undefined,
  }),
})

const toyLoss = defineLoss({
  name: 'toy_loss',
  description: 'Twice the negative log-likelihood of normal steps, without its constant.',
  settings: z.strictObject({}),
  build: (_scope, { logVariance }, { logReturns, known }) => {
    const step = add(logVariance, divide(multiply(logReturns, logReturns), exp(logVariance)))
    const [batch, steps] = known.shape
    return times(reduceSum(multiply(step, known), { axes: [0, 1] }), 1 / (batch! * steps!))
  },
})

export function toyComponents(...more: readonly Parameters<typeof table>[0][number][]): Components {
  const all = [toyBlock, toyHead, toyLoss, ...more]
  return table(all)
}

function table(all: ConstructorParameters<typeof ComponentTable>[1]): Components {
  return {
    blocks: new ComponentTable('block', all),
    heads: new ComponentTable('head', all),
    losses: new ComponentTable('loss', all),
    features,
  }
}

/** A recipe of them, as a file would give it. */
export function toyRecipe(model: object = {}, rest: object = {}): Record<string, unknown> {
  return {
    name: 'toy',
    assets: ['BTC'],
    horizon: 'high',
    grid: { stepSeconds: 60, steps: 4 },
    data: { use: 'mock' },
    inputs: { rows: 5, stepSeconds: 60, past: [{ kind: 'logReturn' }, { kind: 'daySin' }] },
    model: { width: 3, blocks: [{ use: 'toy' }, { use: 'toy' }], head: { use: 'toy_head' }, ...model },
    loss: { use: 'toy_loss' },
    ...rest,
  }
}

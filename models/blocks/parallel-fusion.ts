import { z } from 'zod'
import { add, multiply } from '#models/graph/arithmetic'
import { linear } from '#models/graph/composites'
import { ShapeError, showShape } from '#models/graph/graph'
import { softmax } from '#models/graph/reduce'
import { concat, split } from '#models/graph/shape-operators'
import { defineBlock } from '#models/registry/component'

export default defineBlock({
  name: 'parallelfusion',
  description: 'At least two paths of blocks side by side on the same input, joined again.',
  settings: z.strictObject({
    paths: z
      .array(z.array(z.looseObject({ use: z.string() })).min(1))
      .min(2)
      .max(16)
      .describe('Lists of blocks, written as under model.blocks. Each path must keep the shape.'),
    join: z
      .enum(['gated', 'concat'])
      .default('gated')
      .describe('A learned weight for each path and step, of sum 1, or one linear layer over all paths.'),
  }),
  keepsLength: true,
  keepsWidth: true,
  leastLength: 1,
  inner: ({ paths }) => paths.map((blocks, i) => ({ path: `paths.${i}`, blocks })),
  build: (scope, x, { paths, join }) => {
    const results = paths.map((choices, i) =>
      scope.within(`paths.${i}`, (inner) => {
        const y = inner.blocks(choices, x)
        if (showShape(y.shape) === showShape(x.shape)) return y
        throw new ShapeError(
          scope.graph,
          `the path must keep the shape ${showShape(x.shape)}, but gives ${showShape(y.shape)}`,
        )
      }),
    )
    const all = concat(results, 2)
    if (join === 'concat') return scope.within('join', (inner) => linear(inner, all, x.shape.at(-1)!))
    const gate = softmax(
      scope.within('gate', (inner) => linear(inner, all, paths.length)),
      -1,
    )
    const weights = split(gate, { axis: 2, sizes: paths.map(() => 1) })
    return results.map((y, i) => multiply(y, weights[i]!)).reduce(add)
  },
})

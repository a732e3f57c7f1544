import { z } from 'zod'
import { add } from '#models/graph/arithmetic'
import { dropout, gelu, layerNorm, linear } from '#models/graph/composites'
import { concat } from '#models/graph/shape-operators'
import { convolveDepthwise } from '#models/layers/convolve'
import { defineBlock } from '#models/registry/component'

export default defineBlock({
  name: 'bitcnblock',
  description: 'Dilated convolutions of each feature, forwards and backwards in time, mixed and added to the input.',
  settings: z.strictObject({
    kernel: z.int().min(2).max(63).default(3).describe('Steps that one convolution sees, its own among them.'),
    dilations: z
      .array(z.int().min(1).max(256))
      .min(1)
      .max(12)
      .default([1, 2, 4])
      .describe('One layer each: the distance of the steps that it sees.'),
    dropout: z.number().min(0).max(0.9).default(0).describe('Share of the values that training drops.'),
  }),
  keepsLength: true,
  keepsWidth: true,
  leastLength: 1,
  build: (scope, x, { kernel, dilations, dropout: share }) => {
    let y = x
    for (const [i, dilation] of dilations.entries()) {
      y = scope.within(`layers.${i}`, (layer) => {
        const normal = layer.within('norm', (inner) => layerNorm(inner, y))
        const [before, after] = (['before', 'after'] as const).map((sees) =>
          layer.within(sees, (inner) => convolveDepthwise(inner, normal, { kernel, dilation, sees })),
        )
        const both = gelu(concat([before!, after!], 2))
        const mixed = layer.within('mix', (inner) => linear(inner, both, x.shape.at(-1)!))
        return add(y, dropout(layer, mixed, share))
      })
    }
    return y
  },
})

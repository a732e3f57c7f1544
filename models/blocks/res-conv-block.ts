import { z } from 'zod'
import { add } from '#models/graph/arithmetic'
import { dropout, gelu, layerNorm } from '#models/graph/composites'
import { convolve } from '#models/layers/convolve'
import { defineBlock } from '#models/registry/component'

export default defineBlock({
  name: 'resconvblock',
  // A norm over the batch would need other numbers when one window is served: the norm is over the features.
  description: 'Two convolutions along the window on normalised values, added to the input.',
  settings: z.strictObject({
    kernel: z.int().min(1).max(63).default(3).describe('Steps that one convolution sees.'),
    dilation: z.int().min(1).max(64).default(1).describe('Distance of these steps.'),
    dropout: z.number().min(0).max(0.9).default(0).describe('Share of the values that training drops.'),
  }),
  keepsLength: true,
  keepsWidth: true,
  leastLength: 1,
  build: (scope, x, { kernel, dilation, dropout: share }) => {
    const options = { kernel, dilation }
    const normal = scope.within('norm', (inner) => layerNorm(inner, x))
    const first = gelu(scope.within('first', (inner) => convolve(inner, normal, options)))
    const second = scope.within('second', (inner) => convolve(inner, first, options))
    return add(x, dropout(scope, second, share))
  },
})

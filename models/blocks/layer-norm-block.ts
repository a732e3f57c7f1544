import { z } from 'zod'
import { layerNorm } from '#models/graph/composites'
import { defineBlock } from '#models/registry/component'

export default defineBlock({
  name: 'layernormblock',
  description: 'Brings the features of each step to mean 0 and variance 1, then scales and shifts them.',
  settings: z.strictObject({
    epsilon: z.number().positive().default(1e-5).describe('Added to the variance, against division by 0.'),
  }),
  keepsLength: true,
  keepsWidth: true,
  leastLength: 1,
  build: (scope, x, { epsilon }) => layerNorm(scope, x, epsilon),
})

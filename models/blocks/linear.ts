import { z } from 'zod'
import { linear } from '#models/graph/composites'
import { activate, activationNames } from '#models/layers/activation'
import { defineBlock } from '#models/registry/component'

export default defineBlock({
  name: 'linear',
  description: 'One linear layer over the features of each step.',
  settings: z.strictObject({
    activation: z.enum(activationNames).default('none').describe('Curve behind the layer.'),
  }),
  keepsLength: true,
  keepsWidth: true,
  leastLength: 1,
  build: (scope, x, { activation }) => activate(linear(scope, x, x.shape.at(-1)!), activation),
})

import { z } from 'zod'
import { addPositions, transformerLayer, transformerSettings } from '#models/layers/transformer-layer'
import { defineBlock } from '#models/registry/component'

export default defineBlock({
  name: 'transformerblock',
  description: 'Self-attention over the window, then a gated MLP, each on normalised values and added to its input.',
  settings: z.strictObject({
    ...transformerSettings,
    positions: z
      .boolean()
      .default(false)
      .describe('Whether it learns the order of the steps; for a first block that nothing tells the order.'),
  }),
  keepsLength: true,
  keepsWidth: true,
  leastLength: 1,
  build: (scope, x, { positions, ...options }) =>
    transformerLayer(scope, positions ? addPositions(scope, x) : x, options),
})

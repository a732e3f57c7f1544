import { z } from 'zod'
import { layerNorm } from '#models/graph/composites'
import { addPositions, transformerLayer, transformerSettings } from '#models/layers/transformer-layer'
import { defineBlock } from '#models/registry/component'

export default defineBlock({
  name: 'transformerencoder',
  description: 'A stack of Transformer layers with learned positions and a norm at the end.',
  settings: z.strictObject({
    ...transformerSettings,
    layers: z.int().min(1).max(16).default(2).describe('Layers of the stack.'),
    positions: z.boolean().default(true).describe('Whether it learns the order of the steps.'),
  }),
  keepsLength: true,
  keepsWidth: true,
  leastLength: 1,
  build: (scope, x, { layers, positions, ...options }) => {
    let y = positions ? addPositions(scope, x) : x
    for (let i = 0; i < layers; i += 1) y = scope.within(`layers.${i}`, (inner) => transformerLayer(inner, y, options))
    return scope.within('norm', (inner) => layerNorm(inner, y))
  },
})

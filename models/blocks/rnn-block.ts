import { z } from 'zod'
import { recurrent, recurrentSettings, rnnLayer } from '#models/layers/recurrent'
import { defineBlock } from '#models/registry/component'

export default defineBlock({
  name: 'rnnblock',
  description: 'A plain (Elman) recurrent layer along the window.',
  settings: z.strictObject({
    ...recurrentSettings,
    activation: z.enum(['tanh', 'relu']).default('tanh').describe('Curve behind each step.'),
  }),
  keepsLength: true,
  keepsWidth: true,
  leastLength: 1,
  build: (scope, x, { activation, ...settings }) => recurrent(scope, x, { ...settings, layer: rnnLayer(activation) }),
})

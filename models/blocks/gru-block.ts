import { z } from 'zod'
import { gruLayer, recurrent, recurrentSettings } from '#models/layers/recurrent'
import { defineBlock } from '#models/registry/component'

export default defineBlock({
  name: 'grublock',
  description: 'Gated recurrent units along the window: fewer weights than an LSTM.',
  settings: z.strictObject(recurrentSettings),
  keepsLength: true,
  keepsWidth: true,
  leastLength: 1,
  build: (scope, x, settings) => recurrent(scope, x, { ...settings, layer: gruLayer }),
})

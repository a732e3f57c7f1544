import { z } from 'zod'
import { lstmLayer, recurrent, recurrentSettings } from '#models/layers/recurrent'
import { defineBlock } from '#models/registry/component'

export default defineBlock({
  name: 'lstmblock',
  description: 'Long short-term memory along the window.',
  settings: z.strictObject(recurrentSettings),
  keepsLength: true,
  keepsWidth: true,
  leastLength: 1,
  build: (scope, x, settings) => recurrent(scope, x, { ...settings, layer: lstmLayer }),
})

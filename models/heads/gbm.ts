import { z } from 'zod'
import { linear } from '#models/graph/composites'
import { expand } from '#models/graph/shape-operators'
import { finishProcess, processSettings } from '#models/process/finish-process'
import { boundedHeadInput } from '#models/process/head-input'
import { defineHead } from '#models/registry/component'

export default defineHead({
  name: 'gbm',
  description: 'One variance for all steps, by one linear layer: geometric Brownian motion.',
  needsBaseline: false,
  settings: z.strictObject(processSettings),
  build: (scope, given, settings) => {
    const input = boundedHeadInput(given)
    const one = scope.within('variance', (inner) => linear(inner, input.pooled, 1))
    return finishProcess(scope, input, settings, { raw: expand(one, [1, input.steps]), isFlat: true })
  },
})

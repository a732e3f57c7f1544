import { z } from 'zod'
import { linear, silu } from '#models/graph/composites'
import { expand } from '#models/graph/shape-operators'
import { finishProcess, processSettings } from '#models/process/finish-process'
import { boundedHeadInput } from '#models/process/head-input'
import { defineHead } from '#models/registry/component'

export default defineHead({
  name: 'sde',
  description: 'One variance for all steps, by a small network with hidden layers.',
  needsBaseline: false,
  settings: z.strictObject({
    hidden: z.int().min(1).max(1024).default(64).describe('The width of each hidden layer.'),
    layers: z.int().min(1).max(8).default(2).describe('How many hidden layers there are.'),
    ...processSettings,
  }),
  build: (scope, given, { hidden, layers, ...settings }) => {
    const input = boundedHeadInput(given)
    let x = input.pooled
    for (let layer = 0; layer < layers; layer += 1) {
      x = silu(scope.within(`hidden.${layer}`, (inner) => linear(inner, x, hidden)))
    }
    const one = scope.within('variance', (inner) => linear(inner, x, 1))
    return finishProcess(scope, { ...input, pooled: x }, settings, {
      raw: expand(one, [1, input.steps]),
      isFlat: true,
    })
  },
})

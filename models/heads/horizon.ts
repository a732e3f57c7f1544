import { z } from 'zod'
import { add } from '#models/graph/arithmetic'
import { layerNorm, linear, multiHeadAttention } from '#models/graph/composites'
import { squeeze, unsqueeze } from '#models/graph/shape-operators'
import { finishProcess, processSettings } from '#models/process/finish-process'
import { boundedHeadInput } from '#models/process/head-input'
import { boundedInput } from '#models/process/limits'
import { defineHead } from '#models/registry/component'

export default defineHead({
  name: 'horizon',
  description:
    'A variance for each step: a learned question of the step looks at the sequence by attention, and the pooled width is added to what it finds.',
  needsBaseline: false,
  settings: z.strictObject({
    heads: z.int().min(1).max(64).default(4).describe('Heads of the attention; the width must be a multiple of it.'),
    ...processSettings,
  }),
  build: (scope, given, { heads, ...settings }) => {
    const input = boundedHeadInput(given)
    const width = input.sequence.shape[2]
    const questions = scope.parameter('questions', [input.steps, width!], { kind: 'normal', sd: 0.5 })
    // The same for every window: without features of the steps they go through the projection once.
    let x = unsqueeze(questions, [0])
    if (input.ahead !== undefined) {
      const ahead = boundedInput(input.ahead)
      x = add(
        x,
        scope.within('ahead', (inner) => linear(inner, ahead, width!, { bias: false })),
      )
    }
    const answers = scope.within('attention', (inner) =>
      multiHeadAttention(inner, x, { heads, memory: input.sequence }),
    )
    const normed = scope.within('norm', (inner) => layerNorm(inner, add(add(x, answers), unsqueeze(input.pooled, [1]))))
    const row = (name: string) =>
      squeeze(
        scope.within(name, (inner) => linear(inner, normed, 1)),
        [2],
      )
    return finishProcess(scope, input, settings, { raw: row('variance'), rawDrift: () => row('drift') })
  },
})

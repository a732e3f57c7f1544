import { z } from 'zod'
import { linear } from '#models/graph/composites'
import { driftSetting, finishProcess, levelSetting } from '#models/process/finish-process'
import { boundedHeadInput, withAhead } from '#models/process/head-input'
import { defineHead } from '#models/registry/component'

export default defineHead({
  name: 'student_t',
  description: 'A variance for each step by one linear layer, and the degrees of freedom of all steps.',
  needsBaseline: false,
  settings: z.strictObject({ level: levelSetting, drift: driftSetting }),
  build: (scope, given, settings) => {
    const input = boundedHeadInput(given)
    const own = scope.within('variance', (inner) => linear(inner, input.pooled, input.steps))
    return finishProcess(scope, input, { ...settings, tails: 'student' }, { raw: withAhead(scope, own, input.ahead) })
  },
})

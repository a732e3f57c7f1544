import { z } from 'zod'
import { add } from '#models/graph/arithmetic'
import { linear, meanStep, silu } from '#models/graph/composites'
import type { Value } from '#models/graph/graph'
import { reduceMax } from '#models/graph/reduce'
import { concat, squeeze, unsqueeze } from '#models/graph/shape-operators'
import { finishProcess, processSettings } from '#models/process/finish-process'
import { boundedHeadInput } from '#models/process/head-input'
import { boundedInput } from '#models/process/limits'
import { defineHead, type HeadInput } from '#models/registry/component'

export default defineHead({
  name: 'simple_horizon',
  description: 'A variance for each step, from the whole sequence pooled and a learned vector of the step.',
  needsBaseline: false,
  settings: z.strictObject({
    pool: z
      .enum(['given', 'mean', 'max', 'mean+max'])
      .default('given')
      .describe('How the sequence is pooled; `given` is the pooling of the model.'),
    hidden: z.int().min(1).max(512).default(32).describe('The width of the vector of a step.'),
    ...processSettings,
  }),
  build: (scope, given, { pool, hidden, ...settings }) => {
    const input = { ...boundedHeadInput(given) }
    const pooled = pooledBy(pool, input)
    const steps = scope.parameter('steps', [input.steps, hidden], { kind: 'normal', sd: 0.5 })
    const window = scope.within('window', (inner) => linear(inner, pooled, hidden))
    let x = add(unsqueeze(window, [1]), steps)
    if (input.ahead !== undefined) {
      const ahead = boundedInput(input.ahead)
      x = add(
        x,
        scope.within('ahead', (inner) => linear(inner, ahead, hidden, { bias: false })),
      )
    }
    const raw = scope.within('variance', (inner) => linear(inner, silu(x), 1))
    return finishProcess(scope, { ...input, pooled }, settings, { raw: squeeze(raw, [2]) })
  },
})

function pooledBy(pool: 'given' | 'mean' | 'max' | 'mean+max', { pooled, sequence }: HeadInput): Value {
  if (pool === 'given') return pooled
  const largest = () => reduceMax(sequence, { axes: [1] })
  if (pool === 'max') return largest()
  return pool === 'mean' ? meanStep(sequence) : concat([meanStep(sequence), largest()], 1)
}

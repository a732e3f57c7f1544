import { z } from 'zod'
import { add, multiply } from '#models/graph/arithmetic'
import { linear } from '#models/graph/composites'
import { slice } from '#models/graph/shape-operators'
import { finishProcess, processSettings } from '#models/process/finish-process'
import { boundedHeadInput } from '#models/process/head-input'
import { bounded } from '#models/process/limits'
import { defineHead } from '#models/registry/component'

const mostDriftSlope = 1

export default defineHead({
  name: 'vol_term_structure',
  description: 'The volatility of the first step and a slope to the last one: two numbers for all steps.',
  needsBaseline: false,
  settings: z.strictObject({
    mostSlope: z
      .number()
      .positive()
      .max(4)
      .default(2)
      .describe('The largest change of the log-volatility from the first step to the last.'),
    ...processSettings,
  }),
  build: (scope, given, { mostSlope, ...settings }) => {
    const input = boundedHeadInput(given)
    const { steps } = input
    const shares = Float64Array.from({ length: steps }, (_, step) => step / Math.max(1, steps - 1))
    const position = scope.graph.constant(shares, [1, steps])
    const line = (name: string, limit: number) => {
      const both = scope.within(name, (inner) => linear(inner, input.pooled, 2))
      const slope = bounded(slice(both, { axis: 1, start: 1 }), limit)
      return add(slice(both, { axis: 1, end: 1 }), multiply(slope, position))
    }
    // A log-variance is two log-volatilities.
    const raw = line('variance', 2 * mostSlope)
    return finishProcess(scope, input, settings, { raw, rawDrift: () => line('drift', mostDriftSlope) })
  },
})

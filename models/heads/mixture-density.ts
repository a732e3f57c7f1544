import { z } from 'zod'
import { add } from '#models/graph/arithmetic'
import { linear } from '#models/graph/composites'
import { softmax } from '#models/graph/reduce'
import { expand, reshape, unsqueeze } from '#models/graph/shape-operators'
import { finishProcess, processSettings } from '#models/process/finish-process'
import { boundedHeadInput, withAhead } from '#models/process/head-input'
import { bounded } from '#models/process/limits'
import { defineHead } from '#models/registry/component'

/** The miner refuses a weight of 0: the smallest one is about a millionth. */
const mostLogWeight = 7

export default defineHead({
  name: 'mixture_density',
  description: 'Several kinds of market, calm to stormy, each with its variances and its share of the paths.',
  needsBaseline: false,
  settings: z.strictObject({
    parts: z.int().min(2).max(16).default(3).describe('How many parts the mixture has.'),
    perStep: z.boolean().default(true).describe('Whether a part has a variance for each step, or one for all.'),
    ...processSettings,
  }),
  build: (scope, given, { parts, perStep, ...settings }) => {
    const input = boundedHeadInput(given)
    const [batch] = input.pooled.shape
    const columns = perStep ? input.steps : 1
    const own = scope.within('variance', (inner) => linear(inner, input.pooled, parts * columns))
    // Equal parts would get equal gradients and stay equal.
    const offsets = scope.graph.constant(
      Array.from({ length: parts }, (_, part) => part - (parts - 1) / 2),
      [parts, 1],
    )
    const rows = expand(add(reshape(own, [batch!, parts, columns]), offsets), [batch!, parts, input.steps])
    const zeros = scope.graph.constant(new Float64Array(batch! * input.steps), [batch!, input.steps])
    const shared = input.ahead === undefined || !perStep ? undefined : withAhead(scope, zeros, input.ahead)
    const logits = scope.within('weights', (inner) => linear(inner, input.pooled, parts))
    return finishProcess(scope, input, settings, {
      raw: shared === undefined ? rows : add(rows, unsqueeze(shared, [1])),
      weights: softmax(bounded(logits, mostLogWeight), 1),
      isFlat: !perStep,
    })
  },
})

import { z } from 'zod'
import { add } from '#models/graph/arithmetic'
import { layerNorm } from '#models/graph/composites'
import type { Value } from '#models/graph/graph'
import { reshape, slice, transpose } from '#models/graph/shape-operators'
import { feedForward } from '#models/layers/feed-forward'
import { repeatFirst } from '#models/layers/sequence'
import { defineBlock } from '#models/registry/component'

export default defineBlock({
  name: 'patchmixerblock',
  description:
    'MLPs that mix the steps inside each patch, then the patches, then the features, each added to its input.',
  settings: z.strictObject({
    patch: z.int().min(1).max(512).default(8).describe('Steps of a patch.'),
    expansion: z.number().positive().max(16).default(2).describe('Width inside each MLP, in widths of what it mixes.'),
    dropout: z.number().min(0).max(0.9).default(0).describe('Share of the values that training drops.'),
  }),
  keepsLength: true,
  keepsWidth: true,
  leastLength: 1,
  build: (scope, x, { patch, expansion, dropout }) => {
    const [batch, length, width] = x.shape
    const count = Math.ceil(length! / patch)
    const missing = count * patch - length!
    const shape = [batch!, count, patch, width!]
    /** Mixes along the dimension that `order`, which is its own inverse, makes the last one. */
    const mix = (name: string, from: Value, order: readonly number[]) =>
      scope.within(name, (inner) => {
        const normal = inner.within('norm', (norm) => layerNorm(norm, from))
        const turned = transpose(normal, order)
        const hidden = Math.max(1, Math.round(expansion * turned.shape.at(-1)!))
        return add(from, transpose(feedForward(inner, turned, { hidden, gated: false, dropout }), order))
      })
    const inside = mix('steps', reshape(repeatFirst(x, missing), shape), [0, 1, 3, 2])
    const across = mix('patches', inside, [0, 3, 2, 1])
    const features = mix('features', across, [0, 1, 2, 3])
    const whole = reshape(features, [batch!, count * patch, width!])
    return missing === 0 ? whole : slice(whole, { axis: 1, start: missing })
  },
})

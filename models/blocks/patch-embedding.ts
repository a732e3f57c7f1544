import { z } from 'zod'
import { linear } from '#models/graph/composites'
import { gather } from '#models/graph/select'
import { reshape } from '#models/graph/shape-operators'
import { repeatFirst } from '#models/layers/sequence'
import { defineBlock } from '#models/registry/component'

export default defineBlock({
  name: 'patchembedding',
  description: 'Makes one step of each patch of neighbouring steps; what follows works on a shorter sequence.',
  settings: z.strictObject({
    patch: z.int().min(1).max(512).default(8).describe('Steps of a patch.'),
    stride: z.int().min(1).max(512).optional().describe('Steps from one patch to the next; a patch by default.'),
  }),
  keepsLength: false,
  keepsWidth: true,
  leastLength: 1,
  build: (scope, x, { patch, stride = patch }) => {
    const [batch, length, width] = x.shape
    const count = Math.max(0, Math.ceil((length! - patch) / stride)) + 1
    // The last patch ends with the newest step; the oldest step is repeated for what is missing at the other end.
    const whole = repeatFirst(x, patch + (count - 1) * stride - length!)
    const places = Array.from({ length: count * patch }, (_, i) => Math.floor(i / patch) * stride + (i % patch))
    const patches = stride === patch ? whole : gather(whole, places, 1)
    return linear(scope, reshape(patches, [batch!, count, patch * width!]), width!)
  },
})

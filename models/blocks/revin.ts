import { z } from 'zod'
import { reversibleNorm } from '#models/layers/reversible-norm'
import { defineBlock } from '#models/registry/component'

export default defineBlock({
  name: 'revin',
  description:
    'Reversible instance norm: each feature of a window to mean 0 and variance 1; the forecast gets the scale back.',
  settings: z.strictObject({
    epsilon: z.number().positive().default(1e-5).describe('Added to the variance, against division by 0.'),
    affine: z.boolean().default(true).describe('Whether a learned scale and shift follow.'),
  }),
  keepsLength: true,
  keepsWidth: true,
  // One step has no variance, and of two one is always 1 and the other -1: every window would look the same.
  leastLength: 3,
  build: reversibleNorm,
})

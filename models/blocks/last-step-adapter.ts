import { z } from 'zod'
import { reduceMax, reduceMean } from '#models/graph/reduce'
import { slice } from '#models/graph/shape-operators'
import { defineBlock } from '#models/registry/component'

export default defineBlock({
  name: 'laststepadapter',
  description: 'One step in place of the sequence: the last one, the mean or the largest values.',
  settings: z.strictObject({
    take: z.enum(['last', 'mean', 'max']).default('last').describe('What stands for the sequence.'),
  }),
  keepsLength: false,
  keepsWidth: true,
  leastLength: 1,
  build: (_, x, { take }) => {
    if (take === 'last') return slice(x, { axis: 1, start: -1 })
    return (take === 'mean' ? reduceMean : reduceMax)(x, { axes: [1], keep: true })
  },
})

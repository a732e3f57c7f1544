import { z } from 'zod'
import { add, multiply, softplus, tanh, times } from '#models/graph/arithmetic'
import { linear } from '#models/graph/composites'
import type { Value } from '#models/graph/graph'
import { defineBlock } from '#models/registry/component'

export default defineBlock({
  name: 'sdeevolutionblock',
  description:
    'One step of a stochastic equation, added to the input: a learned drift and, in training, learned noise.',
  settings: z.strictObject({
    hidden: z.int().min(1).max(1024).default(64).describe('Width inside the networks of drift and noise.'),
    noise: z.number().min(0).max(10).default(0.1).describe('Scale of the noise; 0 switches it off.'),
  }),
  keepsLength: true,
  keepsWidth: true,
  leastLength: 1,
  build: (scope, x, { hidden, noise }) => {
    const network = (name: string): Value =>
      scope.within(name, (inner) => {
        const bent = tanh(inner.within('in', (layer) => linear(layer, x, hidden)))
        return inner.within('out', (layer) => linear(layer, bent, x.shape.at(-1)!))
      })
    const drifted = add(x, network('drift'))
    if (noise === 0) return drifted
    // Written always, so that a model has the same parameters in training and behind it.
    const sd = times(softplus(network('noise')), noise)
    const draws = scope.isTraining ? scope.noise('noise', x.shape, { kind: 'normal' }) : undefined
    return draws === undefined ? drifted : add(drifted, multiply(sd, draws))
  },
})

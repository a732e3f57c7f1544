import { z } from 'zod'
import { add, subtract } from '#models/graph/arithmetic'
import type { Value } from '#models/graph/graph'
import { matmul } from '#models/graph/linear'
import { unsqueeze } from '#models/graph/shape-operators'
import { defineBlock } from '#models/registry/component'

export default defineBlock({
  name: 'dlinearblock',
  description: 'Splits each feature into its moving average and the rest, and weighs the steps of each (DLinear).',
  settings: z.strictObject({
    kernel: z
      .int()
      .min(1)
      .refine((kernel) => kernel % 2 === 1, 'must be odd')
      .default(25)
      .describe('Steps of the moving average, an odd number.'),
  }),
  keepsLength: true,
  keepsWidth: true,
  leastLength: 1,
  build: (scope, x, { kernel }) => {
    const length = x.shape[1]!
    const start = { kind: 'constant', value: 1 / length } as const
    const rest = scope.parameter('rest', [length, length], start)
    const trend = scope.parameter('trend', [length, length], start)
    const bias = scope.parameter('bias', [length], { kind: 'constant', value: 0 }, { decays: false })
    // Averaging is a product with a fixed matrix A, so R (x - A x) + T A x is (R + (T - R) A) x: one product with the data.
    const averaging = scope.graph.constant(averagingMatrix(length, kernel), [length, length])
    const weights: Value = add(rest, matmul(subtract(trend, rest), averaging))
    return add(matmul(weights, x), unsqueeze(bias, [1]))
  },
})

/** Row by row, which steps the average at one step takes; beyond the ends the first and the last step are repeated. */
function averagingMatrix(length: number, kernel: number): Float64Array {
  const matrix = new Float64Array(length * length)
  for (let row = 0; row < length; row += 1) {
    for (let tap = 0; tap < kernel; tap += 1) {
      const step = Math.min(length - 1, Math.max(0, row + tap - (kernel - 1) / 2))
      matrix[row * length + step]! += 1 / kernel
    }
  }
  return matrix
}

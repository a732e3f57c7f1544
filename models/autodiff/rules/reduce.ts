import { expand, reshape } from '#models/graph/shape-operators'
import type { GradientRule } from '../rule.ts'

export const reduceRules: readonly GradientRule[] = [
  {
    operator: 'ReduceSum',
    gradient: ({ inputs: [x, axes] }, [up]) => {
      const whole = x!.graph.constants.find(({ value }) => value.id === axes!.id)!.numbers
      const kept = x!.shape.map((count, axis) => (whole.includes(axis) ? 1 : count))
      return [expand(reshape(up!, kept), x!.shape)]
    },
  },
]

import { multiply } from '#models/graph/arithmetic'
import { sumToShape } from '../fit-shape.ts'
import type { GradientRule } from '../rule.ts'

export const arithmeticRules: readonly GradientRule[] = [
  {
    operator: 'Add',
    gradient: ({ inputs: [a, b] }, [up], needs) => [
      needs(0) ? sumToShape(up!, a!.shape) : undefined,
      needs(1) ? sumToShape(up!, b!.shape) : undefined,
    ],
  },
  {
    operator: 'Mul',
    gradient: ({ inputs: [a, b] }, [up], needs) => [
      needs(0) ? sumToShape(multiply(up!, b!), a!.shape) : undefined,
      needs(1) ? sumToShape(multiply(up!, a!), b!.shape) : undefined,
    ],
  },
]

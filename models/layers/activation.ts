import { relu, tanh } from '#models/graph/arithmetic'
import { gelu, silu } from '#models/graph/composites'
import type { Value } from '#models/graph/graph'

export const activationNames = ['none', 'gelu', 'relu', 'silu', 'tanh'] as const

export function activate(x: Value, name: (typeof activationNames)[number]): Value {
  switch (name) {
    case 'none':
      return x
    case 'gelu':
      return gelu(x)
    case 'relu':
      return relu(x)
    case 'silu':
      return silu(x)
    case 'tanh':
      return tanh(x)
  }
}

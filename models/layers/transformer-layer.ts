import { z } from 'zod'
import { add } from '#models/graph/arithmetic'
import { dropout, layerNorm, multiHeadAttention } from '#models/graph/composites'
import type { Value } from '#models/graph/graph'
import type { Scope } from '#models/graph/scope'
import { feedForward } from './feed-forward.ts'

/** The settings that one layer and a stack of them share. */
export const transformerSettings = {
  heads: z.int().min(1).default(4).describe('Attention heads. They must divide the width.'),
  expansion: z.number().positive().max(16).default(2).describe('Width inside the MLP, in widths of the model.'),
  gated: z.boolean().default(true).describe('Whether the MLP has a gate (SiLU), else it is a plain one (GELU).'),
  dropout: z.number().min(0).max(0.9).default(0).describe('Share of the values that training drops.'),
}

interface TransformerOptions {
  readonly heads: number
  readonly expansion: number
  readonly gated: boolean
  readonly dropout: number
}

/** Attention of each step to all steps, then an MLP of each step: both on normalised values, both added to what came in. */
export function transformerLayer(scope: Scope, x: Value, options: TransformerOptions): Value {
  const { heads, expansion, gated, dropout: share } = options
  const attended = scope.within('attention', (inner) => {
    const normal = inner.within('norm', (norm) => layerNorm(norm, x))
    return add(x, dropout(inner, multiHeadAttention(inner, normal, { heads }), share))
  })
  return scope.within('mlp', (inner) => {
    const normal = inner.within('norm', (norm) => layerNorm(norm, attended))
    const hidden = Math.max(1, Math.round(expansion * x.shape.at(-1)!))
    return add(attended, feedForward(inner, normal, { hidden, gated, dropout: share }))
  })
}

/** Adds a learned vector to each place of the sequence: attention itself does not know the order. */
export function addPositions(scope: Scope, x: Value): Value {
  const [, length, width] = x.shape
  const start = { kind: 'normal', sd: 0.02 } as const
  return add(x, scope.parameter('positions', [length!, width!], start, { decays: false }))
}

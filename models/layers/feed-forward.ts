import { multiply } from '#models/graph/arithmetic'
import { dropout, gelu, linear, silu } from '#models/graph/composites'
import type { Value } from '#models/graph/graph'
import type { Scope } from '#models/graph/scope'

export interface FeedForwardOptions {
  readonly hidden: number
  /** Whether a second projection decides how much of each hidden value passes. */
  readonly gated: boolean
  readonly dropout: number
}

/** Two linear layers over the last dimension with a curve between them; the width stays. */
export function feedForward(scope: Scope, x: Value, { hidden, gated, dropout: share }: FeedForwardOptions): Value {
  const project = (name: string, from: Value, width: number) =>
    scope.within(name, (inner) => linear(inner, from, width))
  const bent = gated
    ? multiply(silu(project('gate', x, hidden)), project('in', x, hidden))
    : gelu(project('in', x, hidden))
  return dropout(scope, project('out', bent, x.shape.at(-1)!), share)
}

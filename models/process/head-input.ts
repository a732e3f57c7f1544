import { add } from '#models/graph/arithmetic'
import { linear } from '#models/graph/composites'
import type { Value } from '#models/graph/graph'
import type { Scope } from '#models/graph/scope'
import { squeeze } from '#models/graph/shape-operators'
import { boundedInput } from './limits.ts'

/** The same input, without numbers that no layer can multiply. A NaN stays one: the miner then refuses the forecast. */
export function boundedHeadInput<Input extends { readonly sequence: Value; readonly pooled: Value }>(
  input: Input,
): Input {
  return { ...input, sequence: boundedInput(input.sequence), pooled: boundedInput(input.pooled) }
}

/** `rows` [batch, steps] and, where the recipe has features of the steps, what these add to each of them. */
export function withAhead(
  scope: Scope,
  rows: Value,
  ahead: Value | undefined,
  start: 'default' | 'zero' = 'default',
): Value {
  if (ahead === undefined) return rows
  const own = scope.within('ahead', (inner) => linear(inner, boundedInput(ahead), 1, { bias: false, start }))
  return add(rows, squeeze(own, [2]))
}

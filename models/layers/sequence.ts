import type { Value } from '#models/graph/graph'
import { concat, expand, slice } from '#models/graph/shape-operators'

/** Repeats the first step of [batch, length, width] in front: the newest step stays the last one. */
export function repeatFirst(x: Value, count: number): Value {
  if (count === 0) return x
  const [batch, , width] = x.shape
  return concat([expand(slice(x, { axis: 1, end: 1 }), [batch!, count, width!]), x], 1)
}

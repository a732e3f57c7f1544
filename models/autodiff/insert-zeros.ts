import type { Value } from '#models/graph/graph'
import { pad, reshape, slice } from '#models/graph/shape-operators'

/** `step - 1` zeros after each place of an axis but the last: the reverse of taking every `step`-th. */
export function insertZeros(x: Value, axis: number, step: number): Value {
  if (step === 1) return x
  const count = x.shape[axis]!
  const column = pad(reshape(x, x.shape.toSpliced(axis + 1, 0, 1)), { axis: axis + 1, after: step - 1 })
  return slice(reshape(column, x.shape.with(axis, count * step)), { axis, end: (count - 1) * step + 1 })
}

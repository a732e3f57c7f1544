import type { Value } from '#models/graph/graph'
import { reduceSum } from '#models/graph/reduce'

/** Sums a gradient over the dimensions that broadcasting had repeated. */
export function sumToShape(gradient: Value, shape: readonly number[]): Value {
  const extra = gradient.shape.length - shape.length
  const leading = Array.from({ length: extra }, (_, axis) => axis)
  const within = shape.flatMap((count, axis) =>
    count === 1 && gradient.shape[axis + extra] !== 1 ? [axis + extra] : [],
  )
  const kept = within.length === 0 ? gradient : reduceSum(gradient, { axes: within, keep: true })
  return leading.length === 0 ? kept : reduceSum(kept, { axes: leading })
}

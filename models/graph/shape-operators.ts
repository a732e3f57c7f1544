import { broadcastShape, wholeAxis } from './broadcast.ts'
import { ShapeError, showShape, sizeOf, type Value } from './graph.ts'

export function reshape(x: Value, shape: readonly number[]): Value {
  if (sizeOf(shape) !== sizeOf(x.shape)) {
    throw new ShapeError(x.graph, `Reshape cannot make ${showShape(shape)} of ${showShape(x.shape)}`)
  }
  return x.graph.node('Reshape', [x, x.graph.constant(shape, [shape.length], 'int64')], [{ shape, type: x.type }])[0]!
}

/** Repeats a value along dimensions of size 1. */
export function expand(x: Value, shape: readonly number[]): Value {
  const target = broadcastShape(x.graph, 'Expand', x.shape, shape)
  const values = x.graph.constant(target, [target.length], 'int64')
  return x.graph.node('Expand', [x, values], [{ shape: target, type: x.type }])[0]!
}

/** Swaps dimensions: the new dimension `i` is the old dimension `order[i]`. */
export function transpose(x: Value, order: readonly number[]): Value {
  const whole = order.map((axis) => wholeAxis(x.graph, 'Transpose', axis, x.shape.length))
  if (new Set(whole).size !== x.shape.length) {
    throw new ShapeError(x.graph, `Transpose by ${showShape(order)} does not fit the shape ${showShape(x.shape)}`)
  }
  const shape = whole.map((axis) => x.shape[axis]!)
  return x.graph.node('Transpose', [x], [{ shape, type: x.type }], { perm: { kind: 'ints', value: whole } })[0]!
}

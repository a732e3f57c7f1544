import { wholeAxis } from './broadcast.ts'
import type { Value } from './graph.ts'

export interface ReduceOptions {
  readonly axes: readonly number[]
  /** Whether a reduced dimension stays, with size 1. */
  readonly keep?: boolean
}

export function reduceSum(x: Value, { axes, keep = false }: ReduceOptions): Value {
  const whole = axes.map((axis) => wholeAxis(x.graph, 'ReduceSum', axis, x.shape.length))
  const shape = x.shape.flatMap((count, axis) => (whole.includes(axis) ? (keep ? [1] : []) : [count]))
  const axesValue = x.graph.constant(whole, [whole.length], 'int64')
  return x.graph.node('ReduceSum', [x, axesValue], [{ shape }], { keepdims: { kind: 'int', value: keep ? 1 : 0 } })[0]!
}

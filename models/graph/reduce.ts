import { wholeAxis } from './broadcast.ts'
import type { Value } from './graph.ts'

export interface ReduceOptions {
  readonly axes: readonly number[]
  /** Whether a reduced dimension stays, with size 1. */
  readonly keep?: boolean
}

export function reduceSum(x: Value, { axes, keep = false }: ReduceOptions): Value {
  const { whole, shape } = reduced(x, 'ReduceSum', axes, keep)
  const axesValue = x.graph.constant(whole, [whole.length], 'int64')
  return x.graph.node('ReduceSum', [x, axesValue], [{ shape }], { keepdims: { kind: 'int', value: keep ? 1 : 0 } })[0]!
}

export function reduceMean(x: Value, options: ReduceOptions): Value {
  return reduceByAttribute(x, 'ReduceMean', options)
}

/** Equal largest values share the gradient. */
export function reduceMax(x: Value, options: ReduceOptions): Value {
  return reduceByAttribute(x, 'ReduceMax', options)
}

/** Positive numbers of sum 1 along one axis. */
export function softmax(x: Value, axis: number): Value {
  return alongAxis(x, 'Softmax', axis)
}

/** The logarithm of `softmax`, exact where that is tiny. */
export function logSoftmax(x: Value, axis: number): Value {
  return alongAxis(x, 'LogSoftmax', axis)
}

/** In this opset the sum takes its axes as an input, the others as an attribute. */
function reduceByAttribute(x: Value, operator: string, { axes, keep = false }: ReduceOptions): Value {
  const { whole, shape } = reduced(x, operator, axes, keep)
  const attributes = {
    axes: { kind: 'ints' as const, value: whole },
    keepdims: { kind: 'int' as const, value: keep ? 1 : 0 },
  }
  return x.graph.node(operator, [x], [{ shape }], attributes)[0]!
}

function reduced(x: Value, operator: string, axes: readonly number[], keep: boolean) {
  const whole = axes.map((axis) => wholeAxis(x.graph, operator, axis, x.shape.length))
  const shape = x.shape.flatMap((count, axis) => (whole.includes(axis) ? (keep ? [1] : []) : [count]))
  return { whole, shape }
}

function alongAxis(x: Value, operator: string, axis: number): Value {
  const whole = wholeAxis(x.graph, operator, axis, x.shape.length)
  return x.graph.node(operator, [x], [{ shape: x.shape }], { axis: { kind: 'int', value: whole } })[0]!
}

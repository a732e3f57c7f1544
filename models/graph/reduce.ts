import { wholeAxis } from './broadcast.ts'
import { graphOf, ShapeError, showShape, type Value } from './graph.ts'

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

/** The last dimension to mean 0 and variance 1, then a scale and a shift of that width. */
export function normalise(x: Value, { scale, shift, epsilon }: NormaliseOptions): Value {
  const width = x.shape.at(-1)
  for (const { shape } of [scale, shift]) {
    if (shape.length !== 1 || shape[0] !== width) {
      throw new ShapeError(x.graph, `LayerNormalization cannot scale ${showShape(x.shape)} by ${showShape(shape)}`)
    }
  }
  const statistic = { shape: x.shape.with(-1, 1) }
  // Mean and 1 / sd come along for the gradient.
  const outputs = [{ shape: x.shape }, statistic, statistic]
  return graphOf([x, scale, shift]).node('LayerNormalization', [x, scale, shift], outputs, {
    axis: { kind: 'int', value: -1 },
    epsilon: { kind: 'float', value: epsilon },
  })[0]!
}

export interface NormaliseOptions {
  readonly scale: Value
  readonly shift: Value
  readonly epsilon: number
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

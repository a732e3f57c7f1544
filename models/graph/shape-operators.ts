import { broadcastShape, wholeAxis } from './broadcast.ts'
import { graphOf, ShapeError, showShape, sizeOf, type Value } from './graph.ts'

export function reshape(x: Value, shape: readonly number[]): Value {
  if (sizeOf(shape) !== sizeOf(x.shape)) {
    throw new ShapeError(x.graph, `Reshape cannot make ${showShape(shape)} of ${showShape(x.shape)}`)
  }
  if (showShape(shape) === showShape(x.shape)) return x
  const before = x.graph.makerOf(x)
  if (before?.operator === 'Reshape') return reshape(before.inputs[0]!, shape)
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
  // A swap of a swap: gradients write many, and each would copy the whole value.
  const before = x.graph.makerOf(x)
  if (before?.operator === 'Transpose' && before.attributes['perm']?.kind === 'ints') {
    const { value: first } = before.attributes['perm']
    return transpose(
      before.inputs[0]!,
      whole.map((axis) => first[axis]!),
    )
  }
  if (whole.every((axis, place) => axis === place)) return x
  const shape = whole.map((axis) => x.shape[axis]!)
  return x.graph.node('Transpose', [x], [{ shape, type: x.type }], { perm: { kind: 'ints', value: whole } })[0]!
}

/** Swaps the last two dimensions. */
export function swapLast(x: Value): Value {
  const order = x.shape.map((_, axis) => axis)
  const last = order.pop()!
  return transpose(x, order.toSpliced(-1, 0, last))
}

/** Takes away dimensions of size 1. */
export function squeeze(x: Value, axes: readonly number[]): Value {
  const whole = axes.map((axis) => wholeAxis(x.graph, 'Squeeze', axis, x.shape.length))
  if (whole.some((axis) => x.shape[axis] !== 1)) {
    throw new ShapeError(x.graph, `Squeeze cannot take the axes ${showShape(axes)} out of ${showShape(x.shape)}`)
  }
  const shape = x.shape.filter((_, axis) => !whole.includes(axis))
  return x.graph.node('Squeeze', [x, axesValue(x, whole)], [{ shape, type: x.type }])[0]!
}

/** Puts in dimensions of size 1, at their places in the result. */
export function unsqueeze(x: Value, axes: readonly number[]): Value {
  const rank = x.shape.length + axes.length
  const whole = axes.map((axis) => wholeAxis(x.graph, 'Unsqueeze', axis, rank))
  if (new Set(whole).size !== axes.length) {
    throw new ShapeError(x.graph, `Unsqueeze cannot put the axes ${showShape(axes)} into ${showShape(x.shape)}`)
  }
  const counts = x.shape.values()
  const shape = Array.from({ length: rank }, (_, axis) => (whole.includes(axis) ? 1 : counts.next().value!))
  return x.graph.node('Unsqueeze', [x, axesValue(x, whole)], [{ shape, type: x.type }])[0]!
}

export interface SliceOptions {
  readonly axis: number
  /** The first place; negative counts from the end. */
  readonly start?: number
  /** The place after the last; negative counts from the end. */
  readonly end?: number
  readonly step?: number
}

/** Every `step`-th place of one axis, from `start` to before `end`. */
export function slice(x: Value, { axis, start = 0, end, step = 1 }: SliceOptions): Value {
  const whole = wholeAxis(x.graph, 'Slice', axis, x.shape.length)
  const count = x.shape[whole]!
  const from = start < 0 ? start + count : start
  const to = end === undefined ? count : end < 0 ? end + count : end
  if (from < 0 || to > count || from >= to || step < 1) {
    throw new ShapeError(
      x.graph,
      `Slice cannot take ${start} to ${end ?? count} of axis ${axis} of ${showShape(x.shape)}`,
    )
  }
  return sliceNode(x, whole, [from, to, step], Math.ceil((to - from) / step))
}

/** One axis backwards. */
export function reverse(x: Value, axis: number): Value {
  const whole = wholeAxis(x.graph, 'Slice', axis, x.shape.length)
  return sliceNode(x, whole, [-1, -x.shape[whole]! - 1, -1], x.shape[whole]!)
}

function sliceNode(x: Value, axis: number, [start, end, step]: [number, number, number], count: number): Value {
  const inputs = [start, end, axis, step].map((number) => x.graph.constant([number], [1], 'int64'))
  return x.graph.node('Slice', [x, ...inputs], [{ shape: x.shape.with(axis, count), type: x.type }])[0]!
}

/** Parts of the given sizes along one axis, in order. */
export function split(
  x: Value,
  { axis, sizes }: { readonly axis: number; readonly sizes: readonly number[] },
): Value[] {
  const whole = wholeAxis(x.graph, 'Split', axis, x.shape.length)
  if (sizes.reduce((sum, size) => sum + size, 0) !== x.shape[whole] || sizes.some((size) => size < 1)) {
    throw new ShapeError(x.graph, `Split cannot cut axis ${axis} of ${showShape(x.shape)} into ${showShape(sizes)}`)
  }
  const parts = sizes.map((size) => ({ shape: x.shape.with(whole, size), type: x.type }))
  return x.graph.node('Split', [x, x.graph.constant(sizes, [sizes.length], 'int64')], parts, {
    axis: { kind: 'int', value: whole },
  })
}

export function concat(values: readonly Value[], axis: number): Value {
  const graph = graphOf(values)
  const first = values[0]!
  const whole = wholeAxis(graph, 'Concat', axis, first.shape.length)
  for (const { shape, type } of values) {
    if (type !== first.type || shape.length !== first.shape.length || shape.some(differs)) {
      throw new ShapeError(
        graph,
        `Concat on axis ${axis} cannot join ${showShape(first.shape)} and ${showShape(shape)}`,
      )
    }
  }
  const count = values.reduce((sum, { shape }) => sum + shape[whole]!, 0)
  const attributes = { axis: { kind: 'int' as const, value: whole } }
  return graph.node('Concat', values, [{ shape: first.shape.with(whole, count), type: first.type }], attributes)[0]!

  function differs(size: number, place: number): boolean {
    return place !== whole && size !== first.shape[place]
  }
}

export interface PadOptions {
  readonly axis: number
  readonly before?: number
  readonly after?: number
}

/** Zeros before and after, along one axis. */
export function pad(x: Value, { axis, before = 0, after = 0 }: PadOptions): Value {
  const whole = wholeAxis(x.graph, 'Pad', axis, x.shape.length)
  if (before < 0 || after < 0) {
    throw new ShapeError(x.graph, `Pad cannot put ${before} and ${after} zeros around ${showShape(x.shape)}`)
  }
  const zeros = x.shape.map(() => 0)
  const pads = x.graph.constant([...zeros.with(whole, before), ...zeros.with(whole, after)], undefined, 'int64')
  const shape = x.shape.with(whole, before + x.shape[whole]! + after)
  return x.graph.node('Pad', [x, pads], [{ shape, type: x.type }])[0]!
}

function axesValue(x: Value, axes: readonly number[]): Value {
  return x.graph.constant(axes, [axes.length], 'int64')
}

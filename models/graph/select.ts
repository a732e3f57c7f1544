import { wholeAxis } from './broadcast.ts'
import { graphOf, ShapeError, showShape, type Value } from './graph.ts'

/** The places `indices` (whole numbers from 0) of one axis, which takes the shape of the indices. */
export function gather(x: Value, indices: Value | readonly number[], axis: number): Value {
  const whole = wholeAxis(x.graph, 'Gather', axis, x.shape.length)
  const places = 'id' in indices ? indices : x.graph.constant(indices, [indices.length], 'int64')
  const graph = graphOf([x, places])
  if (places.type !== 'int64') throw new ShapeError(graph, 'Gather needs whole numbers as indices')
  if (!('id' in indices) && indices.some((place) => place < 0 || place >= x.shape[whole]!)) {
    throw new ShapeError(graph, `Gather of ${showShape(indices)} is beyond axis ${axis} of ${showShape(x.shape)}`)
  }
  const shape = x.shape.toSpliced(whole, 1, ...places.shape)
  return graph.node('Gather', [x, places], [{ shape, type: x.type }], { axis: { kind: 'int', value: whole } })[0]!
}

/** For each place of `indices`, the value at that index along one axis. The other dimensions are the same for both. */
export function gatherElements(x: Value, indices: Value, axis: number): Value {
  const graph = graphOf([x, indices])
  const whole = wholeAxis(graph, 'GatherElements', axis, x.shape.length)
  checkPlaces(graph, 'GatherElements', { x, indices, axis: whole })
  const attributes = { axis: { kind: 'int' as const, value: whole } }
  return graph.node('GatherElements', [x, indices], [{ shape: indices.shape, type: x.type }], attributes)[0]!
}

/** The reverse of `gatherElements`: adds each update to zeros of the given shape, at its index along one axis. */
export function scatterElements(
  updates: Value,
  indices: Value,
  { axis, shape, distinct }: { readonly axis: number; readonly shape: readonly number[]; readonly distinct: boolean },
): Value {
  const graph = graphOf([updates, indices])
  const zeros = graph.constant(new Float64Array(shape.reduce((size, count) => size * count, 1)), shape)
  const whole = wholeAxis(graph, 'ScatterElements', axis, shape.length)
  checkPlaces(graph, 'ScatterElements', { x: zeros, indices, axis: whole })
  return graph.node('ScatterElements', [zeros, indices, updates], [{ shape }], {
    axis: { kind: 'int', value: whole },
    // The sum is needed only where two updates meet at one place, and it is slower.
    reduction: { kind: 'text', value: distinct ? 'none' : 'add' },
  })[0]!
}

export interface TopKOptions {
  readonly axis: number
  /** How many; all by default, which sorts. */
  readonly count?: number
  /** Smallest first by default. */
  readonly largestFirst?: boolean
}

/** The first values in order along one axis, and the places at which they were. */
export function topK(
  x: Value,
  { axis, count, largestFirst = false }: TopKOptions,
): { readonly values: Value; readonly indices: Value } {
  const whole = wholeAxis(x.graph, 'TopK', axis, x.shape.length)
  const taken = count ?? x.shape[whole]!
  if (taken < 1 || taken > x.shape[whole]!) {
    throw new ShapeError(x.graph, `TopK cannot take ${taken} along axis ${axis} of ${showShape(x.shape)}`)
  }
  const shape = x.shape.with(whole, taken)
  const [values, indices] = x.graph.node(
    'TopK',
    [x, x.graph.constant([taken], [1], 'int64')],
    [{ shape }, { shape, type: 'int64' }],
    {
      axis: { kind: 'int', value: whole },
      largest: { kind: 'int', value: largestFirst ? 1 : 0 },
      sorted: { kind: 'int', value: 1 },
    },
  )
  return { values: values!, indices: indices! }
}

export interface CumulativeSumOptions {
  readonly axis: number
  /** From the end backwards. */
  readonly reverse?: boolean
  /** Without the value at the place itself. */
  readonly exclusive?: boolean
}

export function cumulativeSum(x: Value, { axis, reverse = false, exclusive = false }: CumulativeSumOptions): Value {
  const whole = wholeAxis(x.graph, 'CumSum', axis, x.shape.length)
  return x.graph.node('CumSum', [x, x.graph.constant(whole, [], 'int64')], [{ shape: x.shape }], {
    reverse: { kind: 'int', value: reverse ? 1 : 0 },
    exclusive: { kind: 'int', value: exclusive ? 1 : 0 },
  })[0]!
}

function checkPlaces(
  graph: Value['graph'],
  operator: string,
  { x, indices, axis }: { readonly x: Value; readonly indices: Value; readonly axis: number },
): void {
  const fits =
    indices.shape.length === x.shape.length &&
    indices.shape.every((count, place) => place === axis || count === x.shape[place])
  if (indices.type !== 'int64' || !fits) {
    throw new ShapeError(
      graph,
      `${operator} cannot combine ${showShape(x.shape)} and indices ${showShape(indices.shape)}`,
    )
  }
}

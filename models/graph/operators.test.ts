import { expect, it } from 'vitest'
import { runInDouble } from '#tests/support/models/run-graph'
import { add, clip, greater, multiply, power, where } from './arithmetic.ts'
import { convolution } from './convolution.ts'
import { Graph, type Value } from './graph.ts'
import { gemm, matmul } from './linear.ts'
import { logSoftmax, reduceMax, reduceMean, softmax } from './reduce.ts'
import { scan } from './scan.ts'
import { cumulativeSum, gather, gatherElements, scatterElements, topK } from './select.ts'
import { concat, pad, reshape, reverse, slice, split, squeeze, transpose, unsqueeze } from './shape-operators.ts'

const rows = [3, 1, 2, 6, 5, 4]

it('gives the numbers and the shapes of each operator', async () => {
  const graph = new Graph()
  const x = graph.input('x', [2, 3])
  const sorted = topK(x, { axis: 1 })
  const [head, tail] = split(x, { axis: 1, sizes: [1, 2] })
  const values: Record<string, Value> = {
    power: power(x, 2),
    clip: clip(x, 2, 4),
    where: where(greater(x, graph.constant(3)), x, graph.constant(0)),
    gemm: gemm(x, x, { transposeB: true, bias: graph.constant([1, 2]) }),
    mean: reduceMean(x, { axes: [1] }),
    max: reduceMax(x, { axes: [0], keep: true }),
    softmax: reduceMean(softmax(x, -1), { axes: [1] }),
    logSoftmax: logSoftmax(multiply(x, graph.constant(0)), 0),
    squeeze: squeeze(unsqueeze(x, [0, -1]), [0]),
    slice: slice(x, { axis: 1, start: -2 }),
    stride: slice(x, { axis: 1, step: 2 }),
    reverse: reverse(x, 1),
    head: head!,
    concat: concat([tail!, head!], -1),
    gather: gather(x, [2, 0], 1),
    pad: pad(x, { axis: 0, before: 1 }),
    sorted: sorted.values,
    unsorted: scatterElements(sorted.values, sorted.indices, { axis: 1, shape: [2, 3], distinct: true }),
    elements: gatherElements(x, sorted.indices, 1),
    sums: cumulativeSum(x, { axis: 1, reverse: true, exclusive: true }),
  }
  for (const [name, value] of Object.entries(values)) graph.output(name, value)
  expect(Object.fromEntries(Object.entries(values).map(([name, { shape }]) => [name, shape.join()]))).toEqual({
    power: '2,3',
    clip: '2,3',
    where: '2,3',
    gemm: '2,2',
    mean: '2',
    max: '1,3',
    softmax: '2',
    logSoftmax: '2,3',
    squeeze: '2,3,1',
    slice: '2,2',
    stride: '2,2',
    reverse: '2,3',
    head: '2,1',
    concat: '2,3',
    gather: '2,2',
    pad: '3,3',
    sorted: '2,3',
    unsorted: '2,3',
    elements: '2,3',
    sums: '2,3',
  })
  const found = await runInDouble(graph, { x: rows })
  expect(found['softmax']![0]).toBeCloseTo(1 / 3, 12)
  expect(found['logSoftmax']![0]).toBeCloseTo(-Math.log(2), 12)
  expect(found).toMatchObject({
    power: [9, 1, 4, 36, 25, 16],
    clip: [3, 2, 2, 4, 4, 4],
    where: [0, 0, 0, 6, 5, 4],
    gemm: [15, 33, 32, 79],
    mean: [2, 5],
    max: [6, 5, 4],
    squeeze: rows,
    slice: [1, 2, 5, 4],
    stride: [3, 2, 6, 4],
    reverse: [2, 1, 3, 4, 5, 6],
    head: [3, 6],
    concat: [1, 2, 3, 5, 4, 6],
    gather: [2, 3, 4, 6],
    pad: [0, 0, 0, ...rows],
    sorted: [1, 2, 3, 4, 5, 6],
    unsorted: rows,
    elements: [1, 2, 3, 4, 5, 6],
    sums: [3, 2, 0, 9, 4, 0],
  })
})

it('walks a Scan along the first dimension, with values of the graph around', async () => {
  const graph = new Graph()
  const x = graph.input('x', [3, 2])
  const factor = graph.input('factor', [2])
  const { states, outputs } = scan({
    states: [graph.constant([0, 0])],
    sequences: [x],
    body: ([sum], [part]) => {
      const next = add(sum!, multiply(part!, factor))
      return { states: [next], outputs: [next] }
    },
  })
  graph.output('last', states[0]!)
  graph.output('all', outputs[0]!)
  const found = await runInDouble(graph, { x: [1, 2, 3, 4, 5, 6], factor: [10, 100] })
  expect(found).toEqual({ last: [90, 1200], all: [10, 200, 40, 600, 90, 1200] })
})

it('lets a body read a value that the graph around puts out under another name', async () => {
  const graph = new Graph()
  const x = graph.input('x', [2])
  const double = add(x, x)
  graph.output('double', double)
  const { outputs } = scan({
    states: [],
    sequences: [x],
    body: (_, [part]) => ({ states: [], outputs: [multiply(part!, double)] }),
  })
  graph.output('products', outputs[0]!)
  expect(await runInDouble(graph, { x: [1, 2] })).toEqual({ double: [2, 4], products: [2, 4, 4, 8] })
})

it('writes the same node once, and cancels a swap and a reshape that are taken back', () => {
  const graph = new Graph()
  const x = graph.input('x', [2, 3])
  expect(add(x, graph.constant(1))).toBe(add(x, graph.constant(1)))
  expect(add(x, graph.constant(0))).not.toBe(add(x, graph.constant(-0)))
  expect(transpose(transpose(x, [1, 0]), [1, 0])).toBe(x)
  expect(reshape(reshape(x, [3, 2]), [2, 3])).toBe(x)
})

it('says the place and both shapes of what does not fit', () => {
  const graph = new Graph()
  const x = graph.input('x', [2, 3])
  const sequence = graph.input('sequence', [2, 4, 9])
  const said = (write: () => unknown) => () => graph.within('blocks.1 tcn', write)
  expect(said(() => gemm(x, x))).toThrow('blocks.1 tcn: Gemm cannot combine the shapes [2, 3] and [2, 3]')
  expect(said(() => matmul(x, x))).toThrow('MatMul cannot combine the shapes [2, 3] and [2, 3]')
  expect(said(() => convolution(sequence, graph.constant(new Float64Array(30), [5, 3, 2])))).toThrow(
    'Conv with 1 groups, dilation 1 and pads [0, 0] cannot combine the shapes [2, 4, 9] and [5, 3, 2]',
  )
  expect(said(() => concat([x, sequence], 0))).toThrow('Concat on axis 0 cannot join [2, 3] and [2, 4, 9]')
  expect(said(() => slice(x, { axis: 1, start: 3 }))).toThrow('Slice cannot take 3 to 3 of axis 1 of [2, 3]')
  expect(said(() => split(x, { axis: 1, sizes: [1, 1] }))).toThrow('Split cannot cut axis 1 of [2, 3] into [1, 1]')
  expect(said(() => gather(x, [3], 1))).toThrow('Gather of [3] is beyond axis 1 of [2, 3]')
  expect(said(() => add(x, greater(x, x)))).toThrow('Add cannot combine float and bool')
  expect(
    said(() => scan({ states: [x], sequences: [sequence], body: () => ({ states: [sequence], outputs: [] }) })),
  ).toThrow('blocks.1 tcn: Scan starts with a state [2, 3] and continues with [2, 4, 9]')
})

import { expect, it } from 'vitest'
import { maximum, multiply, relu, sign } from '#models/graph/arithmetic'
import { Graph, type Value } from '#models/graph/graph'
import { reduceMax, reduceSum } from '#models/graph/reduce'
import { topK } from '#models/graph/select'
import { runInDouble } from '#tests/support/models/run-graph'
import { backward } from './backward.ts'

it('gives the gradient of a sum of products, summed over what was repeated', async () => {
  const graph = new Graph()
  const a = graph.input('a', [2, 3])
  const b = graph.input('b', [3])
  const loss = reduceSum(multiply(a, b), { axes: [0, 1] })
  graph.output('loss', loss)
  const [byA, byB] = backward(graph, loss, [a, b])
  graph.output('byA', byA!)
  graph.output('byB', byB!)
  const found = await runInDouble(graph, { a: [1, 2, 3, 4, 5, 6], b: [10, 20, 30] })
  expect(found).toEqual({ loss: [10 + 40 + 90 + 40 + 100 + 180], byA: [10, 20, 30, 10, 20, 30], byB: [5, 7, 9] })
})

it.each<[string, number[], (x: Value) => Value, number[]]>([
  // The first of two equal ones comes first.
  ['a sort', [2, 1, 1], (x) => topK(x, { axis: 0 }).values, [300, 10, 20]],
  ['the largest', [2, 1, 2], (x) => reduceMax(x, { axes: [0] }), [5, 0, 5]],
  ['the larger of two', [2, 1, 0], (x) => maximum(x.graph.constant([2, 1, 0]), x), [10, 20, 300]],
  ['a rectifier', [0, 1, -1], relu, [0, 20, 0]],
])('gives one sensible gradient at a tie of %s', async (_, numbers, operator, expected) => {
  const graph = new Graph()
  const x = graph.input('x', [3])
  const y = operator(x)
  const weighed = multiply(y, graph.constant([10, 20, 300].slice(0, y.shape[0] ?? 1), y.shape))
  const loss = y.shape.length === 0 ? weighed : reduceSum(weighed, { axes: [0] })
  graph.output('gradient', backward(graph, loss, [x])[0]!)
  expect(await runInDouble(graph, { x: numbers })).toEqual({ gradient: expected })
})

it('names the operator and its place where there is no rule', () => {
  const graph = new Graph()
  const x = graph.input('x', [])
  const y = graph.within('blocks.2 odd', () => graph.node('Mod', [x, x], [{ shape: [] }])[0]!)
  expect(() => backward(graph, y, [x])).toThrow('blocks.2 odd: there is no gradient rule for the operator Mod')
  expect(backward(graph, sign(x), [x])).toEqual([undefined])
})

import { expect, it } from 'vitest'
import { multiply } from '#models/graph/arithmetic'
import { Graph } from '#models/graph/graph'
import { reduceSum } from '#models/graph/reduce'
import { runInDouble } from '#tests/support/models/run-graph'
import { backward } from './backward.ts'

it('gives the gradient of a sum of products, summed over what was repeated', async () => {
  const graph = new Graph()
  const a = graph.input('a', [2, 3])
  const b = graph.input('b', [3])
  graph.output('loss', reduceSumAll())
  const [byA, byB] = backward(graph, graph.outputs[0]!.value, [a, b])
  graph.output('byA', byA!)
  graph.output('byB', byB!)
  const found = await runInDouble(graph, { a: [1, 2, 3, 4, 5, 6], b: [10, 20, 30] })
  expect(found).toEqual({ loss: [10 + 40 + 90 + 40 + 100 + 180], byA: [10, 20, 30, 10, 20, 30], byB: [5, 7, 9] })

  function reduceSumAll() {
    return reduceSum(multiply(a, b), { axes: [0, 1] })
  }
})

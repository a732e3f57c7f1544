import { expect, it } from 'vitest'
import { checkGradient } from '#tests/support/models/check-gradient'
import { runInDouble } from '#tests/support/models/run-graph'
import { testScope } from '#tests/support/models/test-scope'
import {
  dropout,
  gelu,
  lastStep,
  layerNorm,
  linear,
  logSumExp,
  meanStep,
  multiHeadAttention,
  silu,
} from './composites.ts'
import type { Value } from './graph.ts'
import type { Scope } from './scope.ts'

const [batch, length, width] = [2, 5, 6]
const draw = (scope: Scope, name: string, ...shape: number[]): Value =>
  scope.parameter(name, shape, { kind: 'normal', sd: 1 })

it.each<[string, (scope: Scope, x: Value) => Value]>([
  ['linear', (scope, x) => linear(scope, x, 3)],
  ['linear without bias', (scope, x) => linear(scope, lastStep(x), 3, { bias: false })],
  ['layer norm', (scope, x) => layerNorm(scope, x)],
  ['gelu', (_, x) => gelu(x)],
  ['silu', (_, x) => silu(x)],
  ['attention', (scope, x) => multiHeadAttention(scope, x, { heads: 3 })],
  [
    'attention to a memory',
    (scope, x) => multiHeadAttention(scope, x, { heads: 2, memory: draw(scope, 'memory', 2, 3, 4) }),
  ],
  ['log-sum-exp', (_, x) => logSumExp(x, 1)],
  ['dropout', (scope, x) => dropout(scope, x, 0.4)],
  ['the mean step', (_, x) => meanStep(x)],
])('has the gradient of %s', async (_, write) => {
  expect(await checkGradient((scope) => write(scope, draw(scope, 'x', batch, length, width)))).toBeLessThan(1e-6)
})

it('mixes the values of each head by the softmax of queries and keys', async () => {
  const heads = 3
  const { scope, graph, values } = testScope()
  graph.output('y', multiHeadAttention(scope, draw(scope, 'x', batch, length, width), { heads }))
  const { y } = await runInDouble(graph, Object.fromEntries(values))
  const table = (name: string) => values.get(name)!
  const project = (from: readonly number[], name: string) =>
    Array.from(
      { length: width },
      (_, to) =>
        table(`${name}.bias`)[to]! +
        from.reduce((sum, value, i) => sum + value * table(`${name}.weight`)[i * width + to]!, 0),
    )
  const expected: number[] = []
  for (let window = 0; window < batch; window += 1) {
    const steps = Array.from({ length }, (_, step) => {
      const begin = (window * length + step) * width
      return Array.from(table('x').subarray(begin, begin + width))
    })
    const [queries, keys, all] = ['query', 'key', 'value'].map((name) => steps.map((step) => project(step, name)))
    for (const query of queries!) {
      const mixed = Array.from({ length: width }, (_, place) => {
        const head = Math.floor(place / (width / heads))
        const inHead = (_value: unknown, i: number) => Math.floor(i / (width / heads)) === head
        const weights = keys!.map((key) =>
          Math.exp(
            key
              .map((value, i) => value * query[i]!)
              .filter(inHead)
              .reduce((a, b) => a + b) / Math.sqrt(width / heads),
          ),
        )
        const total = weights.reduce((a, b) => a + b)
        return weights.reduce((sum, weight, step) => sum + (weight / total) * all![step]![place]!, 0)
      })
      expected.push(...project(mixed, 'out'))
    }
  }
  expect(y).toHaveLength(expected.length)
  for (const [place, value] of expected.entries()) expect(y![place]).toBeCloseTo(value, 12)
})

it('does nothing where dropout has no training', () => {
  const { scope, graph } = testScope({ isTraining: false })
  const x = graph.input('x', [2, 3])
  expect(dropout(scope, x, 0.5)).toBe(x)
})

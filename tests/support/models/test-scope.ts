import { SplitMix64 } from '#core/base/random/rng'
import { Sfc32 } from '#core/base/random/sfc32'
import { ModelScope } from '#models/compile/model-scope'
import { Graph, sizeOf, type Value } from '#models/graph/graph'
import type { BlockChoice } from '#models/graph/scope'

export interface TestScopeOptions {
  readonly seed?: bigint
  readonly isTraining?: boolean
  /** Numbers by name, instead of drawn ones. */
  readonly values?: Readonly<Record<string, ArrayLike<number>>>
  /** How inner lists of blocks are written; by default there are none. */
  readonly blocks?: (scope: ModelScope, choices: readonly BlockChoice[], x: Value) => Value
}

export interface TestScope {
  readonly scope: ModelScope
  readonly graph: Graph
  readonly parameters: readonly Value[]
  /** Of parameters and of noise, by name. */
  readonly values: ReadonlyMap<string, Float64Array>
  /** What a block has left with `rememberScale`. */
  readonly scales: readonly Value[]
}

/**
 * A scope whose parameters are inputs of the graph with drawn numbers. A parameter that starts constant is moved off it:
 * at 0 and 1 a wrong gradient may look right.
 */
export function testScope(options: TestScopeOptions = {}): TestScope {
  const graph = new Graph()
  const [parameters, scales]: [Value[], Value[]] = [[], []]
  const values = new Map<string, Float64Array>()
  const isTraining = options.isTraining ?? true
  const scope = new ModelScope({
    graph,
    isTraining,
    parameter: ({ name, shape, start }) => {
      const value = drawn(name, shape, (random) => {
        if (start.kind === 'uniform') return (2 * random.uniform() - 1) * start.bound
        return start.kind === 'normal' ? start.sd * random.normal() : start.value + 0.5 * random.normal()
      })
      parameters.push(value)
      return value
    },
    noise: ({ name, shape, kind }) =>
      isTraining
        ? drawn(name, shape, (random) => {
            if (kind.kind === 'normal') return random.normal()
            return random.uniform() < kind.share ? 1 / kind.share : 0
          })
        : undefined,
    blocks:
      options.blocks ??
      (() => {
        throw new Error('this test has no inner blocks')
      }),
    rememberScale: (scale) => scales.push(scale),
  })
  return { scope, graph, parameters, values, scales }

  function drawn(name: string, shape: readonly number[], draw: (random: Sfc32) => number): Value {
    const random = new Sfc32(new SplitMix64(options.seed ?? 1n).fork(name))
    const numbers = options.values?.[name] ?? Array.from({ length: sizeOf(shape) }, () => draw(random))
    values.set(name, Float64Array.from(numbers))
    return graph.input(name, shape)
  }
}

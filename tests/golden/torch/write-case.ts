import { log, multiply, plus, softplus, subtract, times } from '#models/graph/arithmetic'
import { linear } from '#models/graph/composites'
import type { Graph, Value } from '#models/graph/graph'
import { reduceMean } from '#models/graph/reduce'
import type { Scope } from '#models/graph/scope'
import type { Process } from '#models/process/process'
import type { Components } from '#models/registry/discover'
import { testScope } from '#tests/support/models/test-scope'
import type { TorchCase } from './cases.ts'

/** The same computation in a graph of ours. Its inputs are the inputs and the parameters of the case, by name. */
export function writeCase(
  components: Components,
  given: TorchCase,
): { readonly graph: Graph; readonly parameters: readonly Value[]; readonly loss: Value } {
  const { scope, graph, parameters } = testScope()
  const input = (name: string) => graph.input(name, given.inputs[name]!.shape)
  const x = () => {
    const { shape } = given.parameters['x'] ?? given.inputs['x']!
    return 'x' in given.parameters
      ? scope.parameter('x', shape, { kind: 'constant', value: 0 })
      : graph.input('x', shape)
  }
  if (given.kind === 'block') {
    const found = components.blocks.get(given.use)
    if (!found.ok) throw new Error(found.sentence)
    const { component } = found
    const y = component.build(scope, x(), component.settings.parse(given.settings))
    graph.output('y', y)
    const error = subtract(y, input('target'))
    return { graph, parameters, loss: reduceMean(multiply(error, error), { axes: [0, 1, 2] }) }
  }
  const found = components.losses.get(given.use)
  if (!found.ok) throw new Error(found.sentence)
  const { component } = found
  const target = { logReturns: input('log_returns'), known: input('known'), stepSeconds: 300, horizon: 'high' } as const
  const shape = target.known.shape
  const process = given.process === 'softplus' ? softplusProcess(scope, x(), shape[1]!) : freeProcess(scope, shape)
  const settings = component.settings.parse(given.kind === 'training' ? {} : given.settings)
  return { graph, parameters, loss: component.build(scope, process, target, settings) }
}

function softplusProcess(scope: Scope, x: Value, steps: number): Process {
  const sd = softplus(scope.within('sd', (inner) => linear(inner, x, steps)))
  const mean = scope.within('mean', (inner) => linear(inner, x, steps))
  return { ...plain, logVariance: times(log(times(sd, 1e-3)), 2), drift: times(mean, 1e-3) }
}

function freeProcess(scope: Scope, shape: readonly number[]): Process {
  const start = { kind: 'constant', value: 0 } as const
  const logVariance = plus(scope.parameter('variance', shape, start), -13)
  return { ...plain, logVariance, drift: times(scope.parameter('drift', shape, start), 1e-3) }
}

const plain = {
  stepSeconds: 300,
  weights: undefined,
  tails: { kind: 'normal' },
  levelLogSd: undefined,
  isFlat: false,
} as const

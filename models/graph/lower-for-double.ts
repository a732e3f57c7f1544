import {
  absolute,
  add,
  clip,
  divide,
  exp,
  log,
  maximum,
  multiply,
  negate,
  plus,
  reciprocal,
  sqrt,
  subtract,
  times,
} from './arithmetic.ts'
import { type Copies, copyNodes } from './copy-nodes.ts'
import { gaussLegendre } from './gauss-legendre.ts'
import { Graph, type GraphNode, type Value } from './graph.ts'
import { matmul } from './linear.ts'
import { reduceMean, reduceSum } from './reduce.ts'
import { concat, pad, reshape, slice, unsqueeze } from './shape-operators.ts'

/**
 * The same graph without the operators that the runtime has in single precision only. For tests of gradients: it is slower,
 * and exact to about 1e-15.
 */
export function lowerForDouble(source: Graph): Graph {
  const lowered = new Graph()
  const copies: Copies = new Map()
  for (const { id, shape, type } of source.inputs) copies.set(id, lowered.input(id, shape, type))
  copyNodes(source, lowered, copies, (node, inputs) => {
    const lower = lowerings[node.operator]
    return lower?.(node, inputs)
  })
  for (const { name, value } of source.outputs) lowered.output(name, copies.get(value.id) ?? value)
  return lowered
}

type Lowering = (node: GraphNode, inputs: readonly Value[]) => readonly Value[]

const lowerings: Readonly<Record<string, Lowering>> = {
  Softplus: (_, [x]) => [add(maximum(x!, x!.graph.constant(0)), log(plus(exp(negate(absolute(x!))), 1)))],
  // 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x; beyond 6.5 it is 1 in all digits.
  Erf: (_, [x]) => {
    const integral = integrate(clip(x!, -6.5, 6.5), (t) => exp(negate(multiply(t, t))))
    return [times(integral, 2 / Math.sqrt(Math.PI))]
  },
  // The integral of 1 / (1 + t^2). Halving the angle twice first keeps the poles at ±i away.
  Atan: (_, [x]) => {
    const integrand = (t: Value) => divide(t.graph.constant(1), plus(multiply(t, t), 1))
    return [times(integrate(halfAngle(halfAngle(x!)), integrand), 4)]
  },
  Conv: (node, inputs) => [convolutionByTaps(node, inputs)],
  // Its statistics are in single precision by definition.
  LayerNormalization: ({ attributes }, [x, scale, shift]) => {
    const epsilon = attributes['epsilon']?.kind === 'float' ? attributes['epsilon'].value : 0
    const mean = reduceMean(x!, { axes: [-1], keep: true })
    const centred = subtract(x!, mean)
    const variance = reduceMean(multiply(centred, centred), { axes: [-1], keep: true })
    const reciprocalSd = reciprocal(sqrt(plus(variance, epsilon)))
    return [add(multiply(multiply(centred, reciprocalSd), scale!), shift!), mean, reciprocalSd]
  },
}

function halfAngle(x: Value): Value {
  return divide(x, plus(sqrt(plus(multiply(x, x), 1)), 1))
}

/** From 0 to each x, by Gauss and Legendre's rule. */
function integrate(x: Value, integrand: (t: Value) => Value): Value {
  const { nodes, weights } = gaussLegendre(40)
  const points = multiply(unsqueeze(x, [-1]), x.graph.constant(nodes.map((node) => (node + 1) / 2)))
  const weighed = multiply(integrand(points), x.graph.constant(weights.map((weight) => weight / 2)))
  return multiply(x, reduceSum(weighed, { axes: [-1] }))
}

/** One product for each tap of the kernel and each group. */
function convolutionByTaps({ attributes, outputs }: GraphNode, [x, kernel]: readonly Value[]): Value {
  const ints = (name: string) => {
    const attribute = attributes[name]
    return attribute?.kind === 'ints' ? attribute.value : []
  }
  const [stride, dilation, [before, after]] = [ints('strides')[0]!, ints('dilations')[0]!, ints('pads')]
  const groups = attributes['group']?.kind === 'int' ? attributes['group'].value : 1
  const [channelsOut, perGroup, taps] = kernel!.shape
  const places = outputs[0]!.shape[2]!
  const padded = pad(x!, { axis: 2, before: before!, after: after! })
  const outPerGroup = channelsOut! / groups
  const parts = Array.from({ length: groups }, (_, group) => {
    const channels = slice(padded, { axis: 1, start: group * perGroup!, end: (group + 1) * perGroup! })
    const kernels = slice(kernel!, { axis: 0, start: group * outPerGroup, end: (group + 1) * outPerGroup })
    return Array.from({ length: taps! }, (__, tap) => {
      const start = tap * dilation
      const seen = slice(channels, { axis: 2, start, end: start + (places - 1) * stride + 1, step: stride })
      return matmul(reshape(slice(kernels, { axis: 2, start: tap, end: tap + 1 }), [outPerGroup, perGroup!]), seen)
    }).reduce(add)
  })
  return concat(parts, 1)
}

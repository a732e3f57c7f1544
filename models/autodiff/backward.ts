import { add } from '#models/graph/arithmetic'
import type { Graph, GraphNode, Value } from '#models/graph/graph'
import { sizeOf } from '#models/graph/graph'
import type { GradientRule } from './rule.ts'
import { arithmeticRules } from './rules/arithmetic.ts'
import { reduceRules } from './rules/reduce.ts'

export const gradientRules: readonly GradientRule[] = [...arithmeticRules, ...reduceRules]

const ruleOf = new Map(gradientRules.map((rule) => [rule.operator, rule]))

/**
 * Reverse-mode differentiation: appends the nodes that compute the gradient of `loss`, a scalar, by each of `wanted`.
 * The result has the order and the shapes of `wanted`; a value on which the loss does not depend has no gradient.
 */
export function backward(graph: Graph, loss: Value, wanted: readonly Value[]): (Value | undefined)[] {
  if (sizeOf(loss.shape) !== 1) throw new Error('only a scalar has a gradient')
  const nodes = [...graph.nodes]
  const depends = dependants(nodes, wanted)
  const gradients = new Map<string, Value>()
  const give = (value: Value, gradient: Value) => {
    const known = gradients.get(value.id)
    gradients.set(value.id, known === undefined ? gradient : add(known, gradient))
  }
  give(loss, graph.constant(new Float64Array(sizeOf(loss.shape)).fill(1), loss.shape))
  for (const node of nodes.toReversed()) {
    const outer = node.outputs.map(({ id }) => gradients.get(id))
    if (outer.every((gradient) => gradient === undefined)) continue
    const needs = (input: number) => depends.has(node.inputs[input]?.id ?? '')
    if (!node.inputs.some((_, input) => needs(input))) continue
    const rule = ruleOf.get(node.operator)
    if (rule === undefined) throw new NoGradientError(node)
    graph.within(`gradient of ${node.place || node.operator}`, () => {
      for (const [input, gradient] of rule.gradient(node, outer, needs).entries()) {
        const value = node.inputs[input]
        if (gradient !== undefined && value !== undefined && needs(input)) give(value, gradient)
      }
    })
  }
  return wanted.map(({ id }) => gradients.get(id))
}

export class NoGradientError extends Error {
  constructor({ operator, place }: GraphNode) {
    super(`${place === '' ? '' : `${place}: `}there is no gradient rule for the operator ${operator}`)
    this.name = 'NoGradientError'
  }
}

/** The values that depend on one of `wanted`, themselves included. */
function dependants(nodes: readonly GraphNode[], wanted: readonly Value[]): Set<string> {
  const found = new Set(wanted.map(({ id }) => id))
  for (const { inputs, outputs } of nodes) {
    if (inputs.some(({ id }) => found.has(id))) for (const { id } of outputs) found.add(id)
  }
  return found
}

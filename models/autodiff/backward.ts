import { add } from '#models/graph/arithmetic'
import type { Graph, GraphNode, Value } from '#models/graph/graph'
import { showShape, sizeOf } from '#models/graph/graph'
import { readsOf } from '#models/graph/reads'
import type { GradientRule } from './rule.ts'
import { arithmeticRules } from './rules/arithmetic.ts'
import { convolutionRules } from './rules/convolution.ts'
import { linearRules } from './rules/linear.ts'
import { reduceRules } from './rules/reduce.ts'
import { scanRule } from './rules/scan.ts'
import { selectRules } from './rules/select.ts'
import { shapeRules } from './rules/shape.ts'

export const gradientRules: readonly GradientRule[] = [
  ...arithmeticRules,
  ...linearRules,
  ...convolutionRules,
  ...reduceRules,
  ...shapeRules,
  ...selectRules,
  scanRule(backwardFrom),
]

/** Operators through which no gradient passes. */
export const withoutGradient: Readonly<Record<string, string>> = {
  Sign: 'flat wherever it has a slope',
  Greater: 'gives truth values',
  GreaterOrEqual: 'gives truth values',
  Less: 'gives truth values',
  LessOrEqual: 'gives truth values',
  Equal: 'gives truth values',
  And: 'gives truth values',
  Or: 'gives truth values',
  Not: 'gives truth values',
}

const ruleOf = new Map(gradientRules.map((rule) => [rule.operator, rule]))

/**
 * Reverse-mode differentiation: appends the nodes that compute the gradient of `loss`, a scalar, by each of `wanted`.
 * The result has the order and the shapes of `wanted`; a value on which the loss does not depend has no gradient.
 */
export function backward(graph: Graph, loss: Value, wanted: readonly Value[]): (Value | undefined)[] {
  if (sizeOf(loss.shape) !== 1) throw new Error('only a scalar has a gradient')
  return backwardFrom(graph, [{ value: loss, gradient: graph.constant([1], loss.shape) }], wanted)
}

/** The same from the gradients of several values: for the body of a Scan. */
export interface GradientSeed {
  readonly value: Value
  readonly gradient: Value
}

function backwardFrom(graph: Graph, seeds: readonly GradientSeed[], wanted: readonly Value[]): (Value | undefined)[] {
  const nodes = [...graph.nodes]
  const depends = dependants(nodes, wanted)
  const gradients = new Map<string, Value>()
  for (const { value, gradient } of seeds) give(value, gradient)
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some(({ id }) => depends.has(id))) continue
    const up = node.outputs.map(({ id }) => gradients.get(id))
    if (up.every((gradient) => gradient === undefined)) continue
    const reads = readsOf(node)
    const needs = (read: number) => depends.has(reads[read]!.id)
    const rule = ruleOf.get(node.operator)
    if (rule === undefined) throw new NoGradientError(node)
    graph.within(`gradient of ${node.place || node.operator}`, () => {
      for (const [read, gradient] of rule.gradient(node, up, needs).entries()) {
        if (gradient !== undefined && needs(read)) give(reads[read]!, gradient)
      }
    })
  }
  return wanted.map(({ id }) => gradients.get(id))

  function give(value: Value, gradient: Value): void {
    if (showShape(value.shape) !== showShape(gradient.shape)) {
      throw new Error(`a gradient of ${showShape(gradient.shape)} for a value of ${showShape(value.shape)}`)
    }
    const known = gradients.get(value.id)
    gradients.set(value.id, known === undefined ? gradient : add(known, gradient))
  }
}

export class NoGradientError extends Error {
  constructor({ operator, place }: GraphNode) {
    super(`${place === '' ? '' : `${place}: `}there is no gradient rule for the operator ${operator}`)
    this.name = 'NoGradientError'
  }
}

/** The values through which the gradient by one of `wanted` passes, themselves included. */
function dependants(nodes: readonly GraphNode[], wanted: readonly Value[]): Set<string> {
  const found = new Set(wanted.map(({ id }) => id))
  for (const node of nodes) {
    if (node.operator in withoutGradient || !readsOf(node).some(({ id }) => found.has(id))) continue
    for (const { id, type } of node.outputs) if (type === 'float') found.add(id)
  }
  return found
}

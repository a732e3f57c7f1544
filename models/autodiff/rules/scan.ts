import { add } from '#models/graph/arithmetic'
import { type Copies, copyNodes } from '#models/graph/copy-nodes'
import { Graph, type GraphNode, sizeOf, type Value } from '#models/graph/graph'
import { bodyOf, readsOf } from '#models/graph/reads'
import { addScanOutputs, scanFacts, scanNode } from '#models/graph/scan'
import type { GradientRule } from '../rule.ts'

type BackwardFrom = (
  graph: Graph,
  seeds: readonly { readonly value: Value; readonly gradient: Value }[],
  wanted: readonly Value[],
) => (Value | undefined)[]

/**
 * A loop backwards is a loop from the last step to the first. Its body holds the gradient of one step; the gradients of
 * the states go from step to step, and a value of the graph around the loop collects its gradient as one more state. What
 * the gradient needs of the forward step, the forward loop puts out; only a loop within the loop is computed again.
 */
export function scanRule(backwardFrom: BackwardFrom): GradientRule {
  return {
    operator: 'Scan',
    gradient: (node, gradients, needs) => new ReverseScan(node, backwardFrom).gradient(gradients, needs),
  }
}

class ReverseScan {
  readonly #node: GraphNode
  readonly #backwardFrom: BackwardFrom
  readonly #graph: Graph
  readonly #body: Graph
  readonly #inner: Graph
  /** Of the forward body's values, in the reverse body. */
  readonly #copies: Copies = new Map()
  readonly #stateCount: number

  constructor(node: GraphNode, backwardFrom: BackwardFrom) {
    this.#node = node
    this.#backwardFrom = backwardFrom
    this.#graph = node.outputs[0]!.graph
    this.#body = bodyOf(node)!
    this.#inner = new Graph(this.#graph)
    this.#stateCount = scanFacts(node).stateCount
  }

  gradient(gradients: readonly (Value | undefined)[], needs: (read: number) => boolean): (Value | undefined)[] {
    const [graph, body, inner, stateCount] = [this.#graph, this.#body, this.#inner, this.#stateCount]
    const reads = readsOf(this.#node)
    const inputCount = this.#node.inputs.length
    for (const input of body.inputs) this.#copies.set(input.id, inner.argument(input.shape, input.type))
    copyNodes(body, inner, this.#copies)
    const copied = inner.nodes.length

    const states = range(0, stateCount).filter((place) => body.inputs[place]!.type === 'float')
    const sequences = range(stateCount, inputCount).filter(needs)
    const captured = range(inputCount, reads.length).filter(needs)
    const stateUps = states.map((place) => inner.argument(body.inputs[place]!.shape))
    const rows = range(stateCount, this.#node.outputs.length).filter((place) => gradients[place] !== undefined)
    const rowUps = rows.map((place) => inner.argument(body.outputs[place]!.value.shape))

    const seeds = [...states, ...rows].map((place, seed) => ({
      value: this.#copyOf(body.outputs[place]!.value),
      gradient: [...stateUps, ...rowUps][seed]!,
    }))
    const inputs = [...states, ...sequences].map((place) => body.inputs[place]!)
    const found = this.#backwardFrom(inner, seeds, [
      ...inputs.map((value) => this.#copyOf(value)),
      ...captured.map((read) => reads[read]!),
    ])
    const stepGradients = inputs.map((value, place) => found[place] ?? zeros(inner, value.shape))
    const collected = captured.map((read, place) => ({ read, value: found[inputs.length + place] }))

    // What each step gives to a value around the loop is added up in a state.
    const sums = collected.flatMap(({ read, value }) => (value === undefined ? [] : [{ read, value }]))
    const sumArguments = sums.map(({ value }) => inner.argument(value.shape))
    const after = [
      ...stepGradients.slice(0, states.length),
      ...sums.map(({ value }, place) => add(sumArguments[place]!, value)),
    ]
    for (const value of [...after, ...stepGradients.slice(states.length)]) inner.result(value)

    const kept = this.#keepForward(copied)
    inner.inputs.splice(0, Infinity, ...stateUps, ...sumArguments, ...rowUps, ...kept.map(({ part }) => part))
    const { states: last, outputs } = scanNode(graph, inner, {
      states: [
        ...states.map((place) => gradients[place] ?? zeros(graph, body.inputs[place]!.shape)),
        ...sums.map(({ value }) => zeros(graph, value.shape)),
      ],
      sequences: [...rows.map((place) => gradients[place]!), ...kept.map(({ sequence }) => sequence)],
      reverse: !scanFacts(this.#node).isReverse,
    })

    const answer: (Value | undefined)[] = reads.map(() => undefined)
    for (const [place, read] of [...states, ...sums.map(({ read: captive }) => captive)].entries())
      answer[read] = last[place]
    for (const [place, read] of sequences.entries()) answer[read] = outputs[place]
    return answer
  }

  #copyOf(value: Value): Value {
    return this.#copies.get(value.id) ?? value
  }

  /** Takes the forward nodes out of the reverse body; what is read of them comes in as sequences. */
  #keepForward(copied: number): { readonly part: Value; readonly sequence: Value }[] {
    const inner = this.#inner
    const original = new Map<string, Value>()
    const forward = [...this.#body.inputs, ...this.#body.nodes.flatMap(({ outputs }) => outputs)]
    for (const value of forward) original.set(this.#copyOf(value).id, value)

    const needed = new Map<string, Value>()
    const read = (value: Value) => needed.set(value.id, value)
    for (const node of inner.nodes.slice(copied)) readsOf(node).forEach(read)
    for (const { value } of inner.outputs) read(value)
    const again: GraphNode[] = []
    for (const node of inner.nodes.slice(0, copied).toReversed()) {
      // The gradient of a loop within asks that loop for more than the forward one puts out.
      const isNew = ({ id }: Value) => needed.has(id) && !original.has(id)
      if (!node.outputs.some(isNew)) continue
      again.unshift(node)
      readsOf(node).forEach(read)
      for (const { id } of node.outputs) original.delete(id)
    }
    inner.nodes.splice(0, copied, ...again)

    const parts = [...needed.values()].filter(({ id }) => original.has(id))
    const sources = parts.map(({ id }) => original.get(id)!)
    const known = new Map<string, Value>()
    for (const [place, { id }] of this.#body.inputs.entries()) {
      if (place >= this.#stateCount) known.set(id, this.#node.inputs[place]!)
    }
    for (const [place, { value }] of this.#body.outputs.entries()) {
      if (place >= this.#stateCount) known.set(value.id, this.#node.outputs[place]!)
    }
    const missing = sources.filter(({ id }) => !known.has(id))
    for (const [place, value] of addScanOutputs(this.#node, missing).entries()) known.set(missing[place]!.id, value)
    return parts.map((part, place) => ({ part, sequence: known.get(sources[place]!.id)! }))
  }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, place) => from + place)
}

function zeros(graph: Graph, shape: readonly number[]): Value {
  return graph.constant(new Float64Array(sizeOf(shape)), shape)
}

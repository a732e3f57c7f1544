import { add } from '#models/graph/arithmetic'
import { type Copies, copyNodes } from '#models/graph/copy-nodes'
import { constantNumbers, Graph, type GraphNode, sizeOf, type Value } from '#models/graph/graph'
import { gemm } from '#models/graph/linear'
import { bodyOf, neededNodes, readsOf } from '#models/graph/reads'
import { reduceSum } from '#models/graph/reduce'
import { addScanOutputs, scanFacts, scanNode } from '#models/graph/scan'
import { reshape } from '#models/graph/shape-operators'
import { intAttribute } from '../attributes.ts'
import type { GradientRule } from '../rule.ts'

/** What a value around the loop gets of each step. */
interface Collected {
  readonly read: number
  readonly value: Value
  readonly summary: Summary | undefined
}

/** One operation on the values of all steps. */
interface Summary {
  readonly operands: readonly Value[]
  join(allSteps: readonly Value[]): Value
}

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
    const collected = captured.flatMap((read, place): Collected[] => {
      const value = found[inputs.length + place]
      return value === undefined ? [] : [{ read, value, summary: this.#summaryOf(value) }]
    })

    // What each step gives to a value around the loop is added up in a state, unless one operation behind the loop can.
    const sums = collected.filter(({ summary }) => summary === undefined)
    const sumArguments = sums.map(({ value }) => inner.argument(value.shape))
    const added = sums.map(({ value }, place) => add(sumArguments[place]!, value))
    for (const value of [...stepGradients.slice(0, states.length), ...added]) inner.result(value)
    const sequenceGradients = stepGradients.slice(states.length)
    const originals = this.#originals()
    const operands = collected.flatMap(({ summary }) => summary?.operands ?? [])
    const put = new Map(
      [...sequenceGradients, ...operands.filter(({ id }) => !originals.has(id))].map((value) => [value.id, value]),
    )
    for (const value of put.values()) inner.result(value)

    const parts = this.#takeForwardOut(copied)
    const ofForward = this.#allSteps([...parts, ...operands].flatMap(({ id }) => originals.get(id) ?? []))
    inner.inputs.splice(0, Infinity, ...stateUps, ...sumArguments, ...rowUps, ...parts)
    const { states: last, outputs } = scanNode(graph, inner, {
      states: [
        ...states.map((place) => gradients[place] ?? zeros(graph, body.inputs[place]!.shape)),
        ...sums.map(({ value }) => zeros(graph, value.shape)),
      ],
      sequences: [...rows.map((place) => gradients[place]!), ...parts.map(stepsOf)],
      reverse: !scanFacts(this.#node).isReverse,
    })

    const putIds = [...put.keys()]
    const answer: (Value | undefined)[] = reads.map(() => undefined)
    for (const [place, read] of [...states, ...sums.map((sum) => sum.read)].entries()) answer[read] = last[place]
    for (const [place, read] of sequences.entries())
      answer[read] = outputs[putIds.indexOf(sequenceGradients[place]!.id)]
    for (const { read, summary } of collected) {
      if (summary !== undefined) answer[read] = summary.join(summary.operands.map(stepsOf))
    }
    return answer

    /** A value of the reverse body for all steps: the forward loop puts it out, or the reverse one. */
    function stepsOf({ id }: Value): Value {
      const original = originals.get(id)
      return original === undefined ? outputs[putIds.indexOf(id)]! : ofForward.get(original.id)!
    }
  }

  /** A sum over the rows of one step, which is as well one over the rows of all steps. */
  #summaryOf(value: Value): Summary | undefined {
    const maker = value.graph === this.#inner ? this.#inner.makerOf(value) : undefined
    if (maker === undefined || maker.inputs.some(({ graph, id }) => graph !== this.#inner && !isAxes(id)))
      return undefined
    const { operator, inputs } = maker
    const isProduct = operator === 'Gemm' && inputs.length === 2 && intAttribute(maker, 'transA') === 1
    if (isProduct && intAttribute(maker, 'transB') === 0) {
      return { operands: inputs, join: ([a, b]) => gemm(rowsOf(a!), rowsOf(b!), { transposeA: true }) }
    }
    const isSum = operator === 'ReduceSum' && intAttribute(maker, 'keepdims') === 0 && inputs[0]!.shape.length === 2
    if (isSum && constantNumbers(inputs[1]!).join() === '0') {
      return { operands: [inputs[0]!], join: ([a]) => reduceSum(rowsOf(a!), { axes: [0] }) }
    }
    return undefined

    function isAxes(id: string): boolean {
      return maker?.operator === 'ReduceSum' && id === maker.inputs[1]!.id
    }
  }

  /** The forward body's values by their copies. */
  #originals(): Map<string, Value> {
    const forward = [...this.#body.inputs, ...this.#body.nodes.flatMap(({ outputs }) => outputs)]
    return new Map(forward.map((value) => [this.#copyOf(value).id, value]))
  }

  #copyOf(value: Value): Value {
    return this.#copies.get(value.id) ?? value
  }

  /** Takes the forward nodes out of the reverse body, and gives the copies that it reads nevertheless: they come in. */
  #takeForwardOut(copied: number): Value[] {
    const inner = this.#inner
    const original = this.#originals()
    const forwardNodes = new Set(inner.nodes.slice(0, copied))
    const needed = new Map<string, Value>()
    const read = (value: Value) => needed.set(value.id, value)
    for (const node of neededNodes(inner)) if (!forwardNodes.has(node)) readsOf(node).forEach(read)
    for (const { value } of inner.outputs) read(value)
    const again: GraphNode[] = []
    for (const node of [...forwardNodes].toReversed()) {
      // The gradient of a loop within asks that loop for more than the forward one puts out.
      if (!node.outputs.some(({ id }) => needed.has(id) && !original.has(id))) continue
      again.unshift(node)
      readsOf(node).forEach(read)
      for (const { id } of node.outputs) original.delete(id)
    }
    inner.nodes.splice(0, copied, ...again)
    return [...needed.values()].filter(({ id }) => original.has(id))
  }

  /** Values of the forward body, one row for each step: what goes in, what comes out, and what has to come out now. */
  #allSteps(values: readonly Value[]): Map<string, Value> {
    const found = new Map<string, Value>()
    for (const [place, { id }] of this.#body.inputs.entries()) {
      if (place >= this.#stateCount) found.set(id, this.#node.inputs[place]!)
    }
    for (const [place, { value }] of this.#body.outputs.entries()) {
      if (place >= this.#stateCount) found.set(value.id, this.#node.outputs[place]!)
    }
    const missing = [...new Map(values.map((value) => [value.id, value])).values()].filter(({ id }) => !found.has(id))
    for (const [place, value] of addScanOutputs(this.#node, missing).entries()) found.set(missing[place]!.id, value)
    return found
  }
}

/** [steps, rows, width] as one long matrix. */
function rowsOf(value: Value): Value {
  return reshape(value, [sizeOf(value.shape) / value.shape.at(-1)!, value.shape.at(-1)!])
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, place) => from + place)
}

function zeros(graph: Graph, shape: readonly number[]): Value {
  return graph.constant(new Float64Array(sizeOf(shape)), shape)
}

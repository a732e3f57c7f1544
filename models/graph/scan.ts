import { Graph, type GraphNode, graphOf, ShapeError, showShape, type Value } from './graph.ts'
import { bodyOf } from './reads.ts'

export interface ScanOptions {
  /** What goes from step to step, as it is before the first one. */
  readonly states: readonly Value[]
  /** Cut along their first dimension, one step each. */
  readonly sequences: readonly Value[]
  /** From the last step to the first; the outputs keep the order of the sequences. */
  readonly reverse?: boolean
  /**
   * Writes one step: the states before it and the step's parts of the sequences in; the states after it and what the step
   * puts out. It may use any value of the graphs around it, which then is the same for each step.
   */
  body(
    states: readonly Value[],
    parts: readonly Value[],
    graph: Graph,
  ): { readonly states: readonly Value[]; readonly outputs: readonly Value[] }
}

/** A loop over time. `states` are those after the last step, `outputs` one row per step: [steps, ...]. */
export function scan({ states, sequences, reverse = false, body }: ScanOptions): {
  readonly states: Value[]
  readonly outputs: Value[]
} {
  const graph = graphOf([...states, ...sequences])
  const steps = sequences[0]?.shape[0]
  for (const { shape } of sequences) {
    if (shape[0] === undefined || shape[0] !== steps) {
      throw new ShapeError(
        graph,
        `Scan cannot walk along ${showShape(sequences[0]!.shape)} and ${showShape(shape)} together`,
      )
    }
  }
  if (steps === undefined) throw new ShapeError(graph, 'Scan needs a sequence')

  const inner = new Graph(graph)
  const written = body(
    states.map(({ shape, type }) => inner.argument(shape, type)),
    sequences.map(({ shape, type }) => inner.argument(shape.slice(1), type)),
    inner,
  )
  for (const [place, { shape }] of states.entries()) {
    const after = written.states[place]?.shape
    if (after === undefined || showShape(after) !== showShape(shape)) {
      throw new ShapeError(
        graph,
        `Scan starts with a state ${showShape(shape)} and continues with ${after === undefined ? 'none' : showShape(after)}`,
      )
    }
  }
  for (const value of [...written.states, ...written.outputs]) inner.result(value)
  return scanNode(graph, inner, { states, sequences, reverse })
}

/** A loop with a finished body: its inputs are the states and the parts, its outputs the states and the rows. */
export function scanNode(
  graph: Graph,
  body: Graph,
  { states, sequences, reverse }: Pick<ScanOptions, 'states' | 'sequences'> & { readonly reverse: boolean },
): { readonly states: Value[]; readonly outputs: Value[] } {
  const steps = sequences[0]!.shape[0]!
  const rows = body.outputs.slice(states.length).map(({ value }) => value)
  const values = graph.node(
    'Scan',
    [...states, ...sequences],
    [...states, ...rows.map(({ shape, type }) => ({ shape: [steps, ...shape], type }))],
    {
      body: { kind: 'graph', value: body },
      num_scan_inputs: { kind: 'int', value: sequences.length },
      scan_input_directions: { kind: 'ints', value: sequences.map(() => (reverse ? 1 : 0)) },
      ...outputDirections(rows.length, reverse),
    },
  )
  return { states: values.slice(0, states.length), outputs: values.slice(states.length) }
}

/** Makes a loop put out more values of its body, one row per step. */
export function addScanOutputs(node: GraphNode, rows: readonly Value[]): Value[] {
  const body = bodyOf(node)!
  for (const value of rows) body.result(value)
  const { steps, stateCount, isReverse } = scanFacts(node)
  const facts = rows.map(({ shape, type }) => ({ shape: [steps, ...shape], type }))
  const attributes = outputDirections(body.outputs.length - stateCount, isReverse)
  return node.outputs[0]!.graph.addOutputs(node, facts, attributes)
}

export function scanFacts({ inputs, attributes }: GraphNode): {
  readonly steps: number
  readonly stateCount: number
  readonly isReverse: boolean
} {
  const [count, directions] = [attributes['num_scan_inputs'], attributes['scan_input_directions']]
  if (count?.kind !== 'int' || directions?.kind !== 'ints') throw new Error('the node is no Scan')
  const stateCount = inputs.length - count.value
  return { steps: inputs[stateCount]!.shape[0]!, stateCount, isReverse: directions.value[0] === 1 }
}

/** The format knows no empty list of directions. */
function outputDirections(count: number, isReverse: boolean): GraphNode['attributes'] {
  if (count === 0) return {}
  return { scan_output_directions: { kind: 'ints', value: new Array<number>(count).fill(isReverse ? 1 : 0) } }
}

import { Graph, graphOf, ShapeError, showShape, type Value } from './graph.ts'

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

  const direction = reverse ? 1 : 0
  const values = graph.node(
    'Scan',
    [...states, ...sequences],
    [...states, ...written.outputs.map(({ shape, type }) => ({ shape: [steps, ...shape], type }))],
    {
      body: { kind: 'graph', value: inner },
      num_scan_inputs: { kind: 'int', value: sequences.length },
      scan_input_directions: { kind: 'ints', value: sequences.map(() => direction) },
      ...(written.outputs.length > 0 && {
        scan_output_directions: { kind: 'ints', value: written.outputs.map(() => direction) },
      }),
    },
  )
  return { states: values.slice(0, states.length), outputs: values.slice(states.length) }
}

import { OnnxGraphRuntime } from '#adapters/onnx/graph-sessions'
import { encodeModel } from '#models/graph/encode-model'
import type { Graph } from '#models/graph/graph'

/** Runs a graph once in double precision; inputs and outputs are plain rows of numbers. */
export async function runInDouble(
  graph: Graph,
  inputs: Readonly<Record<string, ArrayLike<number>>>,
): Promise<Record<string, number[]>> {
  const session = await new OnnxGraphRuntime().load(encodeModel(graph, { precision: 'double' }))
  try {
    const feeds = Object.fromEntries(
      graph.inputs.map(({ id, shape }) => [id, { dims: shape, values: Float64Array.from(inputs[id] ?? []) }]),
    )
    const results = await session.run(feeds)
    return Object.fromEntries(Object.entries(results).map(([name, { values }]) => [name, Array.from(values, Number)]))
  } finally {
    await session.release()
  }
}

import type { Graph, GraphNode, Value } from './graph.ts'

/** All that a node reads: its inputs, then what the body of a Scan uses of the graphs around it. */
export function readsOf(node: GraphNode): readonly Value[] {
  const body = bodyOf(node)
  return body === undefined ? node.inputs : [...node.inputs, ...capturedBy(body)]
}

export function bodyOf({ attributes }: GraphNode): Graph | undefined {
  const body = attributes['body']
  return body?.kind === 'graph' ? body.value : undefined
}

function capturedBy(body: Graph): Value[] {
  const found = new Map<string, Value>()
  const read = (value: Value) => {
    if (value.graph !== body) found.set(value.id, value)
  }
  for (const node of body.nodes) readsOf(node).forEach(read)
  for (const { value } of body.outputs) read(value)
  return [...found.values()]
}

/** The nodes without which the outputs cannot be computed, in order. */
export function neededNodes({ nodes, outputs }: Graph): GraphNode[] {
  const needed = new Set(outputs.map(({ value }) => value.id))
  const kept: GraphNode[] = []
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some(({ id }) => needed.has(id))) continue
    kept.push(node)
    for (const { id } of readsOf(node)) needed.add(id)
  }
  return kept.reverse()
}

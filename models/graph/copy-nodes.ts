import { type Attribute, Graph, type GraphNode, type Value } from './graph.ts'

/** What each value of the source is in the copy; values of the graphs around the source stay themselves. */
export type Copies = Map<string, Value>

/** Writes a node in another way; undefined: as it is. */
export type Rewrite = (node: GraphNode, inputs: readonly Value[], into: Graph) => readonly Value[] | undefined

/** Writes the constants and nodes of `source` once more in `into`. `copies` knows the inputs and learns the others. */
export function copyNodes(source: Graph, into: Graph, copies: Copies, rewrite: Rewrite = () => undefined): void {
  for (const { value, numbers } of source.constants)
    copies.set(value.id, into.constant(numbers, value.shape, value.type))
  for (const node of source.nodes) {
    into.within(node.place, () => {
      const inputs = node.inputs.map(copyOf)
      const outputs =
        rewrite(node, inputs, into) ?? into.node(node.operator, inputs, node.outputs, copyAttributes(node))
      for (const [place, { id }] of node.outputs.entries()) copies.set(id, outputs[place]!)
    })
  }

  function copyOf(value: Value): Value {
    return copies.get(value.id) ?? value
  }

  function copyAttributes({ attributes }: GraphNode): Record<string, Attribute> {
    return Object.fromEntries(
      Object.entries(attributes).map(([name, attribute]) => [
        name,
        attribute.kind === 'graph' ? { kind: 'graph', value: copyBody(attribute.value) } : attribute,
      ]),
    )
  }

  function copyBody(body: Graph): Graph {
    const copy = new Graph(into)
    for (const input of body.inputs) copies.set(input.id, copy.argument(input.shape, input.type))
    copyNodes(body, copy, copies, rewrite)
    for (const { value } of body.outputs) copy.result(copyOf(value))
    return copy
  }
}

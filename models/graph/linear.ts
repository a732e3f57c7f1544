import { broadcastShape } from './broadcast.ts'
import { graphOf, ShapeError, showShape, type Value } from './graph.ts'

/** Products of the last two dimensions; the ones before are repeated where they differ. Both sides need two dimensions. */
export function matmul(a: Value, b: Value): Value {
  const graph = graphOf([a, b])
  const [rows, inner] = a.shape.slice(-2)
  const [innerToo, columns] = b.shape.slice(-2)
  if (a.shape.length < 2 || b.shape.length < 2 || inner !== innerToo) {
    throw new ShapeError(graph, `MatMul cannot combine the shapes ${showShape(a.shape)} and ${showShape(b.shape)}`)
  }
  const batch = broadcastShape(graph, 'MatMul', a.shape.slice(0, -2), b.shape.slice(0, -2))
  return graph.node('MatMul', [a, b], [{ shape: [...batch, rows!, columns!] }])[0]!
}

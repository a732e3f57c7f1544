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

export interface GemmOptions {
  /** Added to each row: [columns]. */
  readonly bias?: Value
  readonly transposeA?: boolean
  readonly transposeB?: boolean
}

/** The product of two matrices, either one transposed, and a bias: one operation of the runtime. */
export function gemm(a: Value, b: Value, { bias, transposeA = false, transposeB = false }: GemmOptions = {}): Value {
  const inputs = bias === undefined ? [a, b] : [a, b, bias]
  const graph = graphOf(inputs)
  const [rows, inner] = transposeA ? a.shape.toReversed() : a.shape
  const [innerToo, columns] = transposeB ? b.shape.toReversed() : b.shape
  if (a.shape.length !== 2 || b.shape.length !== 2 || inner !== innerToo) {
    throw new ShapeError(graph, `Gemm cannot combine the shapes ${showShape(a.shape)} and ${showShape(b.shape)}`)
  }
  if (bias !== undefined && (bias.shape.length !== 1 || bias.shape[0] !== columns)) {
    throw new ShapeError(graph, `Gemm cannot add the bias ${showShape(bias.shape)} to ${showShape([rows!, columns!])}`)
  }
  return graph.node('Gemm', inputs, [{ shape: [rows!, columns!] }], {
    transA: { kind: 'int', value: transposeA ? 1 : 0 },
    transB: { kind: 'int', value: transposeB ? 1 : 0 },
  })[0]!
}

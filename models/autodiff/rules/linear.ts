import { sizeOf, type Value } from '#models/graph/graph'
import { gemm, matmul } from '#models/graph/linear'
import { reduceSum } from '#models/graph/reduce'
import { reshape, swapLast } from '#models/graph/shape-operators'
import { intAttribute } from '../attributes.ts'
import { sumToShape } from '../fit-shape.ts'
import type { GradientRule } from '../rule.ts'

export const linearRules: readonly GradientRule[] = [
  {
    operator: 'MatMul',
    gradient: ({ inputs: [a, b] }, [up], needs) => {
      if (b!.shape.length === 2) return flatGradient(a!, b!, up!, needs)
      // Where a side was turned, its gradient is written turned as well: the two turns cancel.
      const byA = () => (isTurned(a!) ? swapLast(matmul(b!, swapLast(up!))) : matmul(up!, swapLast(b!)))
      const byB = () => (isTurned(b!) ? swapLast(matmul(swapLast(up!), a!)) : matmul(swapLast(a!), up!))
      return [needs(0) ? sumToShape(byA(), a!.shape) : undefined, needs(1) ? sumToShape(byB(), b!.shape) : undefined]
    },
  },
  {
    operator: 'Gemm',
    gradient: (node, [up], needs) => {
      const [a, b, bias] = node.inputs
      const transposeA = intAttribute(node, 'transA') === 1
      const transposeB = intAttribute(node, 'transB') === 1
      const byA = () =>
        transposeA
          ? gemm(b!, up!, { transposeA: transposeB, transposeB: true })
          : gemm(up!, b!, { transposeB: !transposeB })
      const byB = () =>
        transposeB
          ? gemm(up!, a!, { transposeA: true, transposeB: transposeA })
          : gemm(a!, up!, { transposeA: !transposeA })
      return [
        needs(0) ? byA() : undefined,
        needs(1) ? byB() : undefined,
        bias !== undefined && needs(2) ? reduceSum(up!, { axes: [0] }) : undefined,
      ]
    },
  },
]

/** One product over all rows, instead of one for each of the batch and a sum of them. */
function flatGradient(a: Value, b: Value, up: Value, needs: (read: number) => boolean) {
  const rows = (x: Value) =>
    x.shape.length === 2 ? x : reshape(x, [sizeOf(x.shape) / x.shape.at(-1)!, x.shape.at(-1)!])
  const byA = () => gemm(rows(up), b, { transposeB: true })
  return [
    needs(0) ? (a.shape.length === 2 ? byA() : reshape(byA(), a.shape)) : undefined,
    needs(1) ? gemm(rows(a), rows(up), { transposeA: true }) : undefined,
  ]
}

/** Whether a value is made by a swap of its last two dimensions. */
function isTurned(x: Value): boolean {
  const perm = x.graph.makerOf(x)?.attributes['perm']
  if (perm?.kind !== 'ints') return false
  const last = perm.value.length - 1
  return perm.value[last] === last - 1 && perm.value[last - 1] === last
}

import { cast, divide, equal, exp, multiply, subtract, times } from '#models/graph/arithmetic'
import { constantNumbers, type GraphNode, sizeOf, type Value } from '#models/graph/graph'
import { gemm } from '#models/graph/linear'
import { reduceSum } from '#models/graph/reduce'
import { expand, reshape } from '#models/graph/shape-operators'
import { intAttribute, intsAttribute } from '../attributes.ts'
import type { GradientRule } from '../rule.ts'

export const reduceRules: readonly GradientRule[] = [
  {
    operator: 'ReduceSum',
    gradient: ({ inputs: [x, axes] }, [up]) => [
      expand(keepAxes(up!, x!, Array.from(constantNumbers(axes!))), x!.shape),
    ],
  },
  {
    operator: 'ReduceMean',
    gradient: (node, [up]) => {
      const x = node.inputs[0]!
      const count = sizeOf(x.shape) / sizeOf(up!.shape)
      return [expand(keepAxes(times(up!, 1 / count), x, intsAttribute(node, 'axes')), x.shape)]
    },
  },
  {
    operator: 'ReduceMax',
    gradient: (node, [up]) => {
      const x = node.inputs[0]!
      const axes = intsAttribute(node, 'axes')
      const isLargest = cast(equal(x, keepAxes(node.outputs[0]!, x, axes)), 'float')
      const share = divide(keepAxes(up!, x, axes), reduceSum(isLargest, { axes, keep: true }))
      return [multiply(isLargest, share)]
    },
  },
  {
    operator: 'LayerNormalization',
    gradient: ({ inputs: [x, scale], outputs: [, mean, reciprocalSd] }, [up], needs) => {
      const width = x!.shape.at(-1)!
      const rows = (value: Value) => reshape(value, [sizeOf(x!.shape) / width, value.shape.at(-1)!])
      const centred = subtract(x!, mean!)
      const weighed = multiply(up!, centred)
      return [
        needs(0) ? byInput() : undefined,
        // The sum over all rows of weighed / sd, as one product with a row: the runtime has a fast way for that.
        needs(1)
          ? reshape(gemm(reshape(reciprocalSd!, [1, sizeOf(x!.shape) / width]), rows(weighed)), [width])
          : undefined,
        needs(2) ? reduceSum(rows(up!), { axes: [0] }) : undefined,
      ]

      /** What moves the mean or the variance of a row has no effect. */
      function byInput(): Value {
        const share = times(reshape(scale!, [width, 1]), 1 / width)
        const byMean = reshape(gemm(rows(up!), share), mean!.shape)
        const bySd = reshape(gemm(rows(weighed), share), mean!.shape)
        const bent = multiply(centred, multiply(bySd, multiply(reciprocalSd!, reciprocalSd!)))
        return multiply(subtract(subtract(multiply(up!, scale!), byMean), bent), reciprocalSd!)
      }
    },
  },
  alongAxisRule('Softmax', (up, y, axis) =>
    multiply(y, subtract(up, reduceSum(multiply(up, y), { axes: [axis], keep: true }))),
  ),
  alongAxisRule('LogSoftmax', (up, y, axis) =>
    subtract(up, multiply(exp(y), reduceSum(up, { axes: [axis], keep: true }))),
  ),
]

/** Gives the reduced dimensions of `x` back, with size 1. */
function keepAxes(reduced: Value, x: Value, axes: readonly number[]): Value {
  const kept = x.shape.map((count, axis) => (axes.includes(axis) ? 1 : count))
  return reduced.shape.length === kept.length ? reduced : reshape(reduced, kept)
}

function alongAxisRule(operator: string, gradient: (up: Value, y: Value, axis: number) => Value): GradientRule {
  return {
    operator,
    gradient: (node: GraphNode, [up]) => [gradient(up!, node.outputs[0]!, intAttribute(node, 'axis'))],
  }
}

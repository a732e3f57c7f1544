import { cast, equal } from '#models/graph/arithmetic'
import { constantNumbers, sizeOf } from '#models/graph/graph'
import { matmul } from '#models/graph/linear'
import { cumulativeSum, gatherElements, scatterElements } from '#models/graph/select'
import { reshape, transpose } from '#models/graph/shape-operators'
import { intAttribute } from '../attributes.ts'
import type { GradientRule } from '../rule.ts'

export const selectRules: readonly GradientRule[] = [
  {
    operator: 'Gather',
    gradient: (node, [up]) => {
      const [x, indices] = node.inputs
      const axis = intAttribute(node, 'axis')
      const taken = sizeOf(indices!.shape)
      const count = x!.shape[axis]!
      // A product with a table of 0 and 1: an index may occur twice, and then both count.
      const places = x!.graph.constant(
        Array.from({ length: count }, (_, place) => place),
        [1, count],
        'int64',
      )
      const table = cast(equal(reshape(indices!, [taken, 1]), places), 'float')
      const flat = reshape(up!, x!.shape.with(axis, taken))
      const order = x!.shape.map((_, place) => place).filter((place) => place !== axis)
      const moved = transpose(flat, [...order, axis])
      const back = [...order.slice(0, axis), order.length, ...order.slice(axis).map((place) => place - 1)]
      const summed = matmul(reshape(moved, [sizeOf(flat.shape) / taken, taken]), table)
      return [transpose(reshape(summed, [...order.map((place) => x!.shape[place]!), count]), back)]
    },
  },
  {
    operator: 'GatherElements',
    gradient: (node, [up]) => {
      const [x, indices] = node.inputs
      const axis = intAttribute(node, 'axis')
      return [scatterElements(up!, indices!, { axis, shape: x!.shape, distinct: false })]
    },
  },
  {
    operator: 'ScatterElements',
    gradient: (node, [up]) => [undefined, undefined, gatherElements(up!, node.inputs[1]!, intAttribute(node, 'axis'))],
  },
  {
    operator: 'TopK',
    gradient: (node, [up]) => {
      const options = { axis: intAttribute(node, 'axis'), shape: node.inputs[0]!.shape, distinct: true }
      return [scatterElements(up!, node.outputs[1]!, options)]
    },
  },
  {
    operator: 'CumSum',
    gradient: (node, [up]) => {
      const [axis] = constantNumbers(node.inputs[1]!)
      const exclusive = intAttribute(node, 'exclusive') === 1
      return [cumulativeSum(up!, { axis: axis!, reverse: intAttribute(node, 'reverse') === 0, exclusive })]
    },
  },
]

import { constantNumbers, type GraphNode, type Value } from '#models/graph/graph'
import { concat, pad, reshape, reverse, slice, split, transpose } from '#models/graph/shape-operators'
import { intAttribute, intsAttribute } from '../attributes.ts'
import { sumToShape } from '../fit-shape.ts'
import { insertZeros } from '../insert-zeros.ts'
import { type GradientRule, unaryRule } from '../rule.ts'

const backToShape = (up: Value, x: Value) => reshape(up, x.shape)

export const shapeRules: readonly GradientRule[] = [
  unaryRule('Reshape', backToShape),
  unaryRule('Squeeze', backToShape),
  unaryRule('Unsqueeze', backToShape),
  unaryRule('Expand', (up, x) => sumToShape(up, x.shape)),
  {
    operator: 'Transpose',
    gradient: (node, [up]) => {
      const order = intsAttribute(node, 'perm')
      return [
        transpose(
          up!,
          order.map((_, axis) => order.indexOf(axis)),
        ),
      ]
    },
  },
  {
    operator: 'Slice',
    gradient: ({ inputs: [x, ...where] }, [up]) => {
      const [start, , axis, step] = where.map((value) => constantNumbers(value)[0]!)
      if (step === -1) return [reverse(up!, axis!)]
      const spread = insertZeros(up!, axis!, step!)
      const after = x!.shape[axis!]! - start! - spread.shape[axis!]!
      return [pad(spread, { axis: axis!, before: start!, after })]
    },
  },
  {
    operator: 'Split',
    gradient: (node, gradients) => [
      concat(
        node.outputs.map((part, place) => gradients[place] ?? zeros(part)),
        intAttribute(node, 'axis'),
      ),
    ],
  },
  {
    operator: 'Concat',
    gradient: (node, [up]) => {
      const axis = intAttribute(node, 'axis')
      return split(up!, { axis, sizes: node.inputs.map(({ shape }) => shape[axis]!) })
    },
  },
  {
    operator: 'Pad',
    gradient: ({ inputs: [x, pads] }, [up]) => {
      const before = Array.from(constantNumbers(pads!)).slice(0, x!.shape.length)
      const axis = Math.max(
        0,
        x!.shape.findIndex((count, place) => count !== up!.shape[place]),
      )
      return [slice(up!, { axis, start: before[axis]!, end: before[axis]! + x!.shape[axis]! })]
    },
  },
]

function zeros({ graph, shape }: GraphNode['outputs'][number]): Value {
  return graph.constant(new Float64Array(shape.reduce((size, count) => size * count, 1)), shape)
}

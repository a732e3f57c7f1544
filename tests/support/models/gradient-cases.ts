import {
  absolute,
  add,
  atan,
  cast,
  clip,
  cos,
  divide,
  erf,
  exp,
  greater,
  identity,
  log,
  maximum,
  minimum,
  multiply,
  negate,
  plus,
  power,
  reciprocal,
  relu,
  sigmoid,
  sin,
  softplus,
  sqrt,
  subtract,
  tanh,
  where,
} from '#models/graph/arithmetic'
import { type ConvolutionOptions, convolution } from '#models/graph/convolution'
import type { Value } from '#models/graph/graph'
import { gemm, matmul } from '#models/graph/linear'
import { logSoftmax, normalise, reduceMax, reduceMean, reduceSum, softmax } from '#models/graph/reduce'
import { scan } from '#models/graph/scan'
import type { Scope } from '#models/graph/scope'
import { cumulativeSum, gather, gatherElements, scatterElements, topK } from '#models/graph/select'
import {
  concat,
  expand,
  pad,
  reshape,
  reverse,
  slice,
  split,
  squeeze,
  swapLast,
  transpose,
  unsqueeze,
} from '#models/graph/shape-operators'

type Build = (scope: Scope) => Value | readonly Value[]

/** Normal numbers; `positive`: above 0.2, for logarithms and roots. */
const draw = (scope: Scope, name: string, ...shape: number[]): Value =>
  scope.parameter(name, shape, { kind: 'normal', sd: 1 })
const positive = (scope: Scope, name: string, ...shape: number[]): Value => plus(exp(draw(scope, name, ...shape)), 0.2)

const unary =
  (operator: (x: Value) => Value): Build =>
  (scope) =>
    operator(draw(scope, 'x', 3, 5))
const unaryPositive =
  (operator: (x: Value) => Value): Build =>
  (scope) =>
    operator(positive(scope, 'x', 3, 5))

/** The same shapes; either side repeated; a scalar; the value used twice; both sides the same value. */
function binary(operator: (a: Value, b: Value) => Value, side: typeof draw = draw): Record<string, Build> {
  return {
    same: (scope) => operator(draw(scope, 'a', 3, 5), side(scope, 'b', 3, 5)),
    'repeats a': (scope) => operator(draw(scope, 'a', 5), side(scope, 'b', 2, 3, 5)),
    'repeats b': (scope) => operator(draw(scope, 'a', 2, 3, 5), side(scope, 'b', 3, 1)),
    'repeats both': (scope) => operator(draw(scope, 'a', 3, 1), side(scope, 'b', 1, 5)),
    scalar: (scope) => operator(draw(scope, 'a'), side(scope, 'b', 3)),
    'used twice': (scope) => {
      const [a, b] = [draw(scope, 'a', 3), side(scope, 'b', 3)]
      return [operator(a, b), operator(a, side(scope, 'c', 2, 3)), multiply(a, b)]
    },
    'with itself': (scope) => {
      const x = side(scope, 'x', 4)
      return operator(x, multiply(x, x))
    },
  }
}

const axes = (operator: (x: Value, axis: number) => Value, ...shape: number[]): Record<string, Build> =>
  Object.fromEntries(
    shape.map((_, axis) => [`axis ${axis}`, (scope: Scope) => operator(draw(scope, 'x', ...shape), axis)]),
  )

const reduction = (operator: typeof reduceSum): Record<string, Build> => ({
  ...axes((x, axis) => operator(x, { axes: [axis] }), 2, 3, 5),
  keep: (scope) => operator(draw(scope, 'x', 2, 3, 5), { axes: [1, -1], keep: true }),
  all: (scope) => operator(draw(scope, 'x', 3, 5), { axes: [0, 1] }),
})

const convolved =
  (channels: number, channelsOut: number, taps: number, options: ConvolutionOptions): Build =>
  (scope) =>
    convolution(
      draw(scope, 'x', 2, channels, 11),
      draw(scope, 'kernel', channelsOut, channels / (options.groups ?? 1), taps),
      options,
    )

/** By operator, then by what is special about the graph. */
export const gradientCases: Readonly<Record<string, Readonly<Record<string, Build>>>> = {
  Add: binary(add),
  Sub: binary(subtract),
  Mul: binary(multiply),
  Div: binary(divide, positive),
  Max: binary(maximum),
  Min: binary(minimum),
  Pow: {
    square: unary((x) => power(x, 2)),
    cube: unary((x) => power(x, 3)),
    root: unaryPositive((x) => power(x, 0.5)),
    'one over': unaryPositive((x) => power(x, -1.5)),
  },
  Neg: { one: unary(negate) },
  Exp: { one: unary(exp) },
  Log: { one: unaryPositive(log) },
  Sqrt: { one: unaryPositive(sqrt) },
  Reciprocal: { one: unaryPositive(reciprocal) },
  Abs: { one: unary(absolute) },
  Tanh: { one: unary(tanh) },
  Sigmoid: { one: unary(sigmoid) },
  Softplus: { one: unary(softplus) },
  Relu: { one: unary(relu) },
  Erf: { one: unary(erf) },
  Atan: { one: unary((x) => atan(multiply(x, x.graph.constant(3)))) },
  Cos: { one: unary(cos) },
  Sin: { one: unary(sin) },
  Clip: { one: unary((x) => clip(x, -0.7, 0.4)) },
  Where: {
    ...binary((a, b) => where(greater(a, b), a, b)),
    'a condition of its own': (scope) => {
      const mask = scope.graph.constant([1, 0, 1, 0, 0], [5], 'bool')
      return where(mask, draw(scope, 'a', 3, 1), draw(scope, 'b', 1, 5))
    },
  },
  Identity: { one: unary(identity) },
  Cast: { one: unary((x) => multiply(cast(x, 'float'), cast(greater(x, x.graph.constant(0)), 'float'))) },
  MatMul: {
    flat: (scope) => matmul(draw(scope, 'a', 3, 4), draw(scope, 'b', 4, 5)),
    'a batch by one': (scope) => matmul(draw(scope, 'a', 2, 3, 4), draw(scope, 'b', 4, 5)),
    'one by a batch': (scope) => matmul(draw(scope, 'a', 3, 4), draw(scope, 'b', 2, 4, 5)),
    'a batch of each': (scope) => matmul(draw(scope, 'a', 2, 3, 4, 5), draw(scope, 'b', 2, 3, 5, 1)),
    'repeats both': (scope) => matmul(draw(scope, 'a', 2, 1, 3, 4), draw(scope, 'b', 3, 4, 5)),
    'with itself': (scope) => {
      const x = draw(scope, 'x', 2, 3, 3)
      return matmul(x, x)
    },
    'turned sides': (scope) => {
      const [a, b] = [draw(scope, 'a', 2, 4, 3), draw(scope, 'b', 2, 5, 4)]
      return [
        matmul(swapLast(a), swapLast(b)),
        matmul(b, swapLast(b)),
        matmul(transpose(b, [2, 1, 0]), transpose(a, [1, 0, 2])),
      ]
    },
  },
  Gemm: Object.fromEntries(
    [false, true].flatMap((transposeA) =>
      [false, true].map((transposeB) => [
        `${transposeA ? 'A turned' : 'A'} ${transposeB ? 'B turned' : 'B'}`,
        (scope: Scope) =>
          gemm(
            transposeA ? draw(scope, 'a', 4, 3) : draw(scope, 'a', 3, 4),
            transposeB ? draw(scope, 'b', 5, 4) : draw(scope, 'b', 4, 5),
            { transposeA, transposeB, ...(transposeA === transposeB && { bias: draw(scope, 'bias', 5) }) },
          ),
      ]),
    ),
  ),
  Conv: {
    plain: convolved(3, 4, 3, {}),
    'one tap': convolved(3, 4, 1, {}),
    causal: convolved(3, 2, 3, { pads: [4, 0], dilation: 2 }),
    depthwise: convolved(4, 4, 3, { groups: 4, dilation: 3, pads: [3, 3] }),
    groups: convolved(6, 4, 2, { groups: 2, pads: [1, 0] }),
    'several of each channel': convolved(2, 6, 3, { groups: 2 }),
    stride: convolved(3, 4, 3, { stride: 2, pads: [1, 1] }),
    'stride that leaves a rest': convolved(2, 2, 2, { stride: 4, dilation: 2 }),
    'more padding than reach': convolved(2, 3, 2, { pads: [3, 2] }),
  },
  ReduceSum: reduction(reduceSum),
  ReduceMean: reduction(reduceMean),
  ReduceMax: reduction(reduceMax),
  Softmax: axes(softmax, 2, 3, 5),
  LogSoftmax: axes(logSoftmax, 2, 3, 5),
  LayerNormalization: {
    one: (scope) => {
      const [scale, shift] = [draw(scope, 'scale', 5), draw(scope, 'shift', 5)]
      return normalise(draw(scope, 'x', 2, 3, 5), { scale, shift, epsilon: 1e-5 })
    },
    'a fixed scale': (scope) => {
      const [scale, shift] = [scope.graph.constant([1, 1, 2]), scope.graph.constant([0, 1, 0])]
      return normalise(draw(scope, 'x', 4, 3), { scale, shift, epsilon: 0.1 })
    },
  },
  Reshape: { one: (scope) => reshape(draw(scope, 'x', 2, 3, 5), [5, 6]) },
  Transpose: {
    turn: (scope) => transpose(draw(scope, 'x', 2, 3, 5), [2, 0, 1]),
    swap: (scope) => transpose(draw(scope, 'x', 2, 3, 5, 1), [0, 2, 1, 3]),
  },
  Squeeze: { one: (scope) => squeeze(draw(scope, 'x', 1, 3, 1, 5), [0, 2]) },
  Unsqueeze: { one: (scope) => unsqueeze(draw(scope, 'x', 3, 5), [0, 2]) },
  Expand: {
    within: (scope) => expand(draw(scope, 'x', 3, 1, 5), [3, 4, 5]),
    before: (scope) => expand(draw(scope, 'x', 1, 5), [2, 3, 5]),
  },
  Slice: {
    ...axes((x, axis) => slice(x, { axis, start: 1, end: 3 }), 3, 4, 5),
    'from the end': (scope) => slice(draw(scope, 'x', 3, 5), { axis: 1, start: -2 }),
    'to before the end': (scope) => slice(draw(scope, 'x', 3, 5), { axis: 1, end: -3 }),
    'each second': (scope) => slice(draw(scope, 'x', 3, 7), { axis: 1, start: 1, end: 6, step: 2 }),
    'each third of an even size': (scope) => slice(draw(scope, 'x', 8, 2), { axis: 0, step: 3 }),
    backwards: (scope) => reverse(draw(scope, 'x', 3, 5), 1),
  },
  Split: {
    ...axes((x, axis) => multiply(...(split(x, { axis, sizes: [2, 2] }) as [Value, Value])), 4, 4),
    'an unused part': (scope) => split(draw(scope, 'x', 2, 6), { axis: 1, sizes: [1, 3, 2] })[1]!,
  },
  Concat: {
    ...axes((x, axis) => concat([x, multiply(x, x), slice(x, { axis, end: 1 })], axis), 2, 3),
  },
  Gather: {
    ...axes((x, axis) => gather(x, [1, 0, 1], axis), 2, 3, 4),
    table: (scope) => gather(draw(scope, 'x', 4, 3), scope.graph.constant([3, 0, 3, 1, 1, 1], [2, 3], 'int64'), 0),
  },
  Pad: {
    ...axes((x, axis) => pad(x, { axis, before: 2, after: 1 }), 2, 3, 4),
    nothing: (scope) => pad(draw(scope, 'x', 2, 3), { axis: 1 }),
  },
  GatherElements: {
    ...axes(
      (x, axis) =>
        gatherElements(x, x.graph.constant([0, 1, 1, 0, 1, 0], [2, 3].with(axis, [2, 3][axis]!), 'int64'), axis),
      2,
      3,
    ),
    fewer: (scope) =>
      gatherElements(draw(scope, 'x', 4, 3), scope.graph.constant([3, 3, 0, 1, 3, 2], [2, 3], 'int64'), 0),
  },
  ScatterElements: {
    distinct: (scope) =>
      scatterElements(draw(scope, 'x', 2, 2), scope.graph.constant([2, 0, 1, 2], [2, 2], 'int64'), {
        axis: 1,
        shape: [2, 3],
        distinct: true,
      }),
    'two at one place': (scope) =>
      scatterElements(draw(scope, 'x', 2, 2), scope.graph.constant([1, 1, 0, 2], [2, 2], 'int64'), {
        axis: 1,
        shape: [2, 3],
        distinct: false,
      }),
  },
  TopK: {
    ...axes((x, axis) => topK(x, { axis }).values, 3, 4, 5),
    'the three largest': (scope) => topK(draw(scope, 'x', 2, 7), { axis: 1, count: 3, largestFirst: true }).values,
    'by another order': (scope) => {
      const { values, indices } = topK(draw(scope, 'x', 2, 5), { axis: 1 })
      return multiply(gatherElements(draw(scope, 'y', 2, 5), indices, 1), values)
    },
  },
  CumSum: {
    ...axes((x, axis) => cumulativeSum(x, { axis }), 2, 3, 5),
    reverse: (scope) => cumulativeSum(draw(scope, 'x', 2, 5), { axis: 1, reverse: true }),
    exclusive: (scope) => cumulativeSum(draw(scope, 'x', 2, 5), { axis: 1, exclusive: true }),
    both: (scope) => cumulativeSum(draw(scope, 'x', 2, 5), { axis: 1, reverse: true, exclusive: true }),
  },
  Scan: {
    'a recurrent cell': (scope) => {
      const { states, outputs } = recurrent(scope, draw(scope, 'x', 5, 2, 3))
      return [...states, ...outputs]
    },
    'only the last state': (scope) => recurrent(scope, draw(scope, 'x', 5, 2, 3)).states[0]!,
    'only the outputs': (scope) => recurrent(scope, draw(scope, 'x', 5, 2, 3)).outputs[0]!,
    'from the end': (scope) => recurrent(scope, draw(scope, 'x', 5, 2, 3), true).outputs[0]!,
    'a fixed sequence': (scope) =>
      recurrent(
        scope,
        scope.graph.constant(
          Array.from({ length: 30 }, (_, place) => Math.sin(place)),
          [5, 2, 3],
        ),
      ).states[0]!,
    'a value around it in several places': (scope) => {
      const [x, w] = [draw(scope, 'x', 4, 3), draw(scope, 'w', 3)]
      const { outputs } = scan({
        states: [tanh(w)],
        sequences: [x],
        body: ([state], [part]) => {
          const next = tanh(add(multiply(state!, w), multiply(part!, sigmoid(w))))
          return { states: [next], outputs: [multiply(next, w), exp(part!)] }
        },
      })
      return [outputs[0]!, outputs[1]!, multiply(w, w)]
    },
    'two states, one of them not put out': (scope) => {
      const [x, w] = [draw(scope, 'x', 4, 2, 3), draw(scope, 'w', 3, 3)]
      const zeros = scope.graph.constant(new Float64Array(6), [2, 3])
      return scan({
        states: [zeros, draw(scope, 'c', 2, 3)],
        sequences: [x, multiply(x, x)],
        body: ([hidden, cell], [part, square]) => {
          const gate = sigmoid(add(matmul(hidden!, w), part!))
          const nextCell = add(multiply(gate, cell!), square!)
          const next = multiply(gate, tanh(nextCell))
          return { states: [next, nextCell], outputs: [next] }
        },
      }).outputs[0]!
    },
    'a choice in each step': (scope) => {
      const mask = scope.graph.constant([1, 0, 1, 1], [4, 1], 'bool')
      return scan({
        states: [draw(scope, 'start', 3)],
        sequences: [draw(scope, 'x', 4, 3), mask],
        body: ([state], [part, chosen]) => {
          const larger = where(greater(part!, state!), multiply(part!, state!), sin(state!))
          return { states: [where(chosen!, larger, part!)], outputs: [larger] }
        },
      }).outputs[0]!
    },
    'no state': (scope) => {
      const [x, w] = [draw(scope, 'x', 4, 2, 3), draw(scope, 'w', 3, 2)]
      return scan({ states: [], sequences: [x], body: (_, [part]) => ({ states: [], outputs: [matmul(part!, w)] }) })
        .outputs[0]!
    },
    'one within another': (scope) => {
      const [x, w] = [draw(scope, 'x', 3, 4, 2), draw(scope, 'w', 2)]
      const { states, outputs } = scan({
        states: [draw(scope, 'outer', 2)],
        sequences: [x],
        body: ([outer], [rows]) => {
          const inner = scan({
            states: [outer!],
            sequences: [rows!],
            body: ([state], [part]) => {
              const next = tanh(add(multiply(state!, w), multiply(part!, sin(outer!))))
              return { states: [next], outputs: [multiply(next, part!)] }
            },
          })
          return { states: inner.states, outputs: [reduceSum(inner.outputs[0]!, { axes: [0] })] }
        },
      })
      return [...states, ...outputs]
    },
  },
}

function recurrent(scope: Scope, x: Value, fromTheEnd = false) {
  const [w, b] = [draw(scope, 'w', 4, 4), draw(scope, 'b', 4)]
  const input = matmul(x, draw(scope, 'u', 3, 4))
  return scan({
    states: [draw(scope, 'start', 2, 4)],
    sequences: [input],
    reverse: fromTheEnd,
    body: ([state], [part]) => {
      const next = tanh(add(gemm(state!, w, { bias: b }), part!))
      return { states: [next], outputs: [next] }
    },
  })
}

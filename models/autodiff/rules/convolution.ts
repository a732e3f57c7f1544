import { multiply } from '#models/graph/arithmetic'
import { convolution } from '#models/graph/convolution'
import type { GraphNode, Value } from '#models/graph/graph'
import { matmul } from '#models/graph/linear'
import { reduceSum } from '#models/graph/reduce'
import { concat, pad, reshape, reverse, slice, transpose } from '#models/graph/shape-operators'
import { intAttribute, intsAttribute } from '../attributes.ts'
import { insertZeros } from '../insert-zeros.ts'
import type { GradientRule } from '../rule.ts'

export const convolutionRules: readonly GradientRule[] = [
  {
    operator: 'Conv',
    gradient: (node, [up], needs) => [
      needs(0) ? byInput(node, up!) : undefined,
      needs(1) ? byKernel(node, up!) : undefined,
    ],
  },
]

function settingsOf(node: GraphNode) {
  const [before, after] = intsAttribute(node, 'pads')
  return {
    stride: intsAttribute(node, 'strides')[0]!,
    dilation: intsAttribute(node, 'dilations')[0]!,
    groups: intAttribute(node, 'group'),
    before: before!,
    after: after!,
  }
}

/** A convolution of the gradient with the kernel turned round, each input channel now an output channel. */
function byInput(node: GraphNode, up: Value): Value {
  const [x, kernel] = node.inputs
  const { stride, dilation, groups, before } = settingsOf(node)
  const [channelsOut, perGroup, taps] = kernel!.shape
  const outPerGroup = channelsOut! / groups
  const parts = transpose(reshape(kernel!, [groups, outPerGroup, perGroup!, taps!]), [0, 2, 1, 3])
  const turned = reverse(reshape(parts, [groups * perGroup!, outPerGroup, taps!]), 2)
  const spread = insertZeros(up, 2, stride)
  // So many zeros on each side that the result is the padded input; what the padding had put there is cut off.
  const reach = dilation * (taps! - 1)
  const length = x!.shape[2]!
  const leading = reach - before
  const trailing = length - spread.shape[2]! - leading + reach
  const whole = fitEnd(fitStart(spread, leading), trailing)
  return convolution(whole, turned, { dilation, groups })
}

function fitStart(x: Value, zeros: number): Value {
  return zeros >= 0 ? pad(x, { axis: 2, before: zeros }) : slice(x, { axis: 2, start: -zeros })
}

function fitEnd(x: Value, zeros: number): Value {
  return zeros >= 0 ? pad(x, { axis: 2, after: zeros }) : slice(x, { axis: 2, end: x.shape[2]! + zeros })
}

/** For each tap: the products of the gradient with the input that this tap saw. */
function byKernel(node: GraphNode, up: Value): Value {
  const [x, kernel] = node.inputs
  const { stride, dilation, groups, before, after } = settingsOf(node)
  const [channelsOut, perGroup, taps] = kernel!.shape
  const [batch, , places] = up.shape
  const padded = before === 0 && after === 0 ? x! : pad(x!, { axis: 2, before, after })
  const isDepthwise = perGroup === 1 && channelsOut === groups
  const gradients = isDepthwise ? up : byGroup(up, groups, [1, 2, 0, 3])
  const byTap = Array.from({ length: taps! }, (_, tap) => {
    const start = tap * dilation
    const seen = slice(padded, { axis: 2, start, end: start + (places! - 1) * stride + 1, step: stride })
    if (isDepthwise) return reshape(reduceSum(multiply(gradients, seen), { axes: [0, 2] }), [groups, 1, 1])
    // [groups, channels out, batch x places] x [groups, batch x places, channels in]
    return reshape(matmul(gradients, byGroup(seen, groups, [1, 0, 3, 2])), [channelsOut!, perGroup!, 1])
  })
  return concat(byTap, 2)

  function byGroup(value: Value, parts: number, order: readonly number[]): Value {
    const channels = value.shape[1]! / parts
    const split = transpose(reshape(value, [batch!, parts, channels, places!]), order)
    return reshape(split, order[3] === 3 ? [parts, channels, batch! * places!] : [parts, batch! * places!, channels])
  }
}

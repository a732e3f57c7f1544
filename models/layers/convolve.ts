import { add } from '#models/graph/arithmetic'
import { convolution } from '#models/graph/convolution'
import type { Value } from '#models/graph/graph'
import type { Scope, Start } from '#models/graph/scope'
import { transpose } from '#models/graph/shape-operators'

export interface ConvolveOptions {
  /** Taps of the kernel. */
  readonly kernel: number
  readonly dilation: number
  /** Each channel by itself. */
  readonly depthwise: boolean
  /** Which steps one step sees: those around it, those before, those after. */
  readonly sees: 'around' | 'before' | 'after'
}

/** A convolution along [batch, length, width] that keeps the shape; beyond the ends are zeros. */
export function convolve(scope: Scope, x: Value, { kernel, dilation, depthwise, sees }: ConvolveOptions): Value {
  const width = x.shape.at(-1)!
  const channels = depthwise ? 1 : width
  const start: Start = { kind: 'uniform', bound: 1 / Math.sqrt(channels * kernel) }
  const weight = scope.parameter('weight', [width, channels, kernel], start)
  const bias = scope.parameter('bias', [width], start, { decays: false })
  const reach = dilation * (kernel - 1)
  const before = sees === 'before' ? reach : sees === 'after' ? 0 : Math.ceil(reach / 2)
  const made = convolution(transpose(x, [0, 2, 1]), weight, {
    dilation,
    groups: depthwise ? width : 1,
    pads: [before, reach - before],
  })
  return add(transpose(made, [0, 2, 1]), bias)
}

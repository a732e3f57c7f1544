import { graphOf, ShapeError, showShape, type Value } from './graph.ts'

export interface ConvolutionOptions {
  readonly stride?: number
  /** Places between two taps of the kernel. */
  readonly dilation?: number
  /** Channels in as many parts, each with its own kernels; as many as channels: depthwise. */
  readonly groups?: number
  /** Zeros before and after the sequence. */
  readonly pads?: readonly [number, number]
}

/** Along a sequence: x [batch, channels, length], kernel [channels out, channels / groups, taps]. */
export function convolution(
  x: Value,
  kernel: Value,
  { stride = 1, dilation = 1, groups = 1, pads = [0, 0] }: ConvolutionOptions = {},
): Value {
  const graph = graphOf([x, kernel])
  const [batch, channels, length] = x.shape
  const [channelsOut, perGroup, taps] = kernel.shape
  const fits = x.shape.length === 3 && kernel.shape.length === 3 && perGroup! * groups === channels
  const places = length! + pads[0] + pads[1] - dilation * (taps! - 1)
  if (!fits || channelsOut! % groups !== 0 || places < 1) {
    throw new ShapeError(
      graph,
      `Conv with ${groups} groups, dilation ${dilation} and pads ${showShape(pads)} cannot combine the shapes ` +
        `${showShape(x.shape)} and ${showShape(kernel.shape)}`,
    )
  }
  const shape = [batch!, channelsOut!, Math.ceil(places / stride)]
  return graph.node('Conv', [x, kernel], [{ shape }], {
    strides: { kind: 'ints', value: [stride] },
    dilations: { kind: 'ints', value: [dilation] },
    group: { kind: 'int', value: groups },
    pads: { kind: 'ints', value: pads },
  })[0]!
}

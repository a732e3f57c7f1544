import { expect, it } from 'vitest'
import { OnnxGraphRuntime } from '#adapters/onnx/graph-sessions'
import { runInDouble } from '#tests/support/models/run-graph'
import { atan, erf, softplus } from './arithmetic.ts'
import { convolution } from './convolution.ts'
import { encodeModel } from './encode-model.ts'
import { Graph } from './graph.ts'

const points = [-40, -5, -1, -1e-3, 0, 0.3, 1, 2.5, 5, 40]

it('knows what the runtime has in single precision only', async () => {
  const graph = new Graph()
  const x = graph.input('x', [points.length])
  graph.output('erf', erf(x))
  graph.output('atan', atan(x))
  graph.output('softplus', softplus(x))
  const found = await runInDouble(graph, { x: points })
  // erf from tables of the function, to 15 digits.
  const known = [-1, -0.999999999998463, -0.842700792949715, -0.00112837879096923, 0]
  known.push(0.328626759459127, 0.842700792949715, 0.999593047982555, 0.999999999998463, 1)
  for (const [place, point] of points.entries()) {
    expect(found['erf']![place]).toBeCloseTo(known[place]!, 13)
    expect(found['atan']![place]).toBeCloseTo(Math.atan(point), 13)
    expect(found['softplus']![place]).toBeCloseTo(Math.max(point, 0) + Math.log1p(Math.exp(-Math.abs(point))), 13)
  }
})

it('convolves as the runtime does in single precision', async () => {
  const graph = new Graph()
  const [x, kernel] = [graph.input('x', [2, 4, 9]), graph.input('kernel', [6, 2, 3])]
  graph.output('y', convolution(x, kernel, { groups: 2, dilation: 2, stride: 2, pads: [3, 1] }))
  const numbers = (count: number) => Array.from({ length: count }, (_, place) => Math.sin(7 * place))
  const double = await runInDouble(graph, { x: numbers(72), kernel: numbers(36) })
  const session = await new OnnxGraphRuntime().load(encodeModel(graph))
  const single = await session.run({
    x: { dims: [2, 4, 9], values: Float32Array.from(numbers(72)) },
    kernel: { dims: [6, 2, 3], values: Float32Array.from(numbers(36)) },
  })
  await session.release()
  expect(double['y']).toHaveLength(single['y']!.values.length)
  for (const [place, value] of double['y']!.entries()) expect(single['y']!.values[place]).toBeCloseTo(value, 5)
})

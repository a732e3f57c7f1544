import { OnnxGraphRuntime } from '#adapters/onnx/graph-sessions'
import { SplitMix64 } from '#core/base/random/rng'
import { Sfc32 } from '#core/base/random/sfc32'
import type { GraphTensor } from '#core/forecast/models/onnx/graph-runtime'
import { backward } from '#models/autodiff/backward'
import { add, multiply } from '#models/graph/arithmetic'
import { encodeModel } from '#models/graph/encode-model'
import { sizeOf, type Value } from '#models/graph/graph'
import { reduceSum } from '#models/graph/reduce'
import type { Scope } from '#models/graph/scope'
import { type TestScope, type TestScopeOptions, testScope } from './test-scope.ts'

export interface CheckGradientOptions extends TestScopeOptions {
  /** How many numbers are moved; all where there are fewer than 2,000. */
  readonly sample?: number
  readonly step?: number
}

/** The runtime joins x sigmoid(x) into an operator of its own that it does not have in double precision. */
const asWritten = { optimisation: 'none' } as const

type Build = (scope: Scope) => Value | readonly Value[]

/**
 * The largest relative error of the written gradient against central differences in double precision, over all parameters
 * of what `build` writes. Small entries are compared with a thousandth of the largest. A result that is no scalar is
 * weighed with drawn numbers and summed, so that each of its entries counts.
 */
export async function checkGradient(build: Build, options: CheckGradientOptions = {}): Promise<number> {
  const { sample, step = 1e-5 } = options
  const { scope, entries, lossModel } = await writtenGradient(build, options)
  const floor = 1e-3 * largestOf(entries.map(({ gradient }) => gradient))
  if (!(floor > 0)) throw new Error('the gradient is zero everywhere, or no number')
  const feeds = feedsOf(scope)
  const session = await new OnnxGraphRuntime().load(lossModel, asWritten)
  try {
    const errors: number[] = []
    for (const { id, place, gradient } of chosen(entries, sample ?? (entries.length < 2000 ? entries.length : 250))) {
      const numbers = scope.values.get(id)!
      const middle = numbers[place]!
      const lossAt = async (number: number) => {
        numbers[place] = number
        return Number((await session.run(feeds))['loss']!.values[0])
      }
      const difference = ((await lossAt(middle + step)) - (await lossAt(middle - step))) / (2 * step)
      numbers[place] = middle
      errors.push((difference - gradient) / Math.max(Math.abs(difference), Math.abs(gradient), floor))
    }
    return largestOf(errors)
  } finally {
    await session.release()
  }
}

/** The largest difference of the gradient in single precision from that in double, as a share of the largest entry. */
export async function singleAgainstDouble(
  build: Build,
  optimisation: 'all' | 'none',
  options: CheckGradientOptions = {},
): Promise<number> {
  const { scope, entries } = await writtenGradient(build, options)
  const single = await gradientEntries(scope, { precision: 'single', optimisation })
  return (
    largestOf(entries.map(({ gradient }, place) => gradient - single[place]!.gradient)) /
    largestOf(entries.map(({ gradient }) => gradient))
  )
}

async function writtenGradient(build: Build, options: CheckGradientOptions) {
  const { scope, lossModel } = writeGradient(build, options)
  return { scope, lossModel, entries: await gradientEntries(scope, { precision: 'double', ...asWritten }) }
}

/** The graph of a loss and its gradient by each parameter, and the bytes of the loss alone. */
export function writeGradient(build: Build, options: CheckGradientOptions = {}) {
  const scope = testScope(options)
  const loss = scalarOf(build(scope.scope), options.seed)
  const { graph, parameters } = scope
  graph.output('loss', loss)
  // Before the gradient is appended, so that the many runs for the differences compute the loss only.
  const lossModel = encodeModel(graph, { precision: 'double' })
  for (const [place, gradient] of backward(graph, loss, parameters).entries()) {
    if (gradient === undefined) throw new Error(`the loss does not depend on ${parameters[place]!.id}`)
    graph.output(gradientName(parameters[place]!), gradient)
  }
  return { scope, lossModel }
}

interface GradientEntry {
  readonly id: string
  readonly place: number
  readonly gradient: number
}

async function gradientEntries(
  scope: TestScope,
  { precision, optimisation }: { readonly precision: 'single' | 'double'; readonly optimisation: 'all' | 'none' },
): Promise<GradientEntry[]> {
  const session = await new OnnxGraphRuntime().load(encodeModel(scope.graph, { precision }), { optimisation })
  try {
    const found = await session.run(feedsOf(scope, precision))
    return scope.parameters.flatMap((parameter) =>
      Array.from(found[gradientName(parameter)]!.values as Float64Array, (gradient, place) => ({
        id: parameter.id,
        place,
        gradient,
      })),
    )
  } finally {
    await session.release()
  }
}

function gradientName({ id }: Value): string {
  return `gradient of ${id}`
}

export function feedsOf(
  { graph, values }: TestScope,
  precision: 'single' | 'double' = 'double',
): Record<string, GraphTensor> {
  return Object.fromEntries(
    graph.inputs.map(({ id, shape }) => {
      const numbers = values.get(id)!
      return [id, { dims: shape, values: precision === 'double' ? numbers : Float32Array.from(numbers) }]
    }),
  )
}

/** In magnitude; one that is no number makes the result none. */
function largestOf(numbers: readonly number[]): number {
  return numbers.reduce((largest, number) => Math.max(largest, Math.abs(number)), 0)
}

function scalarOf(result: Value | readonly Value[], seed = 1n): Value {
  const values = 'id' in result ? [result] : result
  const random = new Sfc32(new SplitMix64(seed).fork('weights of the results'))
  return values
    .map((value) => {
      if (value.shape.length === 0 && values.length === 1) return value
      const weights = Float64Array.from({ length: sizeOf(value.shape) }, () => random.normal())
      const weighed = multiply(value, value.graph.constant(weights, value.shape))
      return value.shape.length === 0 ? weighed : reduceSum(weighed, { axes: value.shape.map((_, axis) => axis) })
    })
    .reduce(add)
}

function chosen<T>(entries: readonly T[], count: number): readonly T[] {
  if (count >= entries.length) return entries
  const random = new Sfc32(new SplitMix64(1n).fork('sample'))
  return Array.from({ length: count }, () => entries[Math.floor(random.uniform() * entries.length)]!)
}

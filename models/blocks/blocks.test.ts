/** Every file of this folder is checked: a new block needs settings below only where its defaults do not show all of it. */
import { afterAll, describe, expect, it } from 'vitest'
import { OnnxGraphRuntime } from '#adapters/onnx/graph-sessions'
import { SplitMix64 } from '#core/base/random/rng'
import { Sfc32 } from '#core/base/random/sfc32'
import type { GraphTensor } from '#core/forecast/models/onnx/graph-runtime'
import { backward } from '#models/autodiff/backward'
import { parseRecipe } from '#models/compile/parse-recipe'
import { tryModel } from '#models/compile/try-model'
import { encodeModel } from '#models/graph/encode-model'
import type { Value } from '#models/graph/graph'
import { reduceSum } from '#models/graph/reduce'
import type { Scope } from '#models/graph/scope'
import type { BlockDefinition } from '#models/registry/component'
import { discoverComponents } from '#models/registry/discover'
import { checkGradient, singleAgainstDouble } from '#tests/support/models/check-gradient'
import { innerBlocks } from '#tests/support/models/inner-blocks'
import { oneBlockRecipe } from '#tests/support/models/one-block-recipe'
import { testScope } from '#tests/support/models/test-scope'

const [batch, length, width] = [2, 9, 4]

const otherSettings: Readonly<Record<string, readonly object[]>> = {
  linear: [{ activation: 'gelu' }, { activation: 'relu' }, { activation: 'silu' }, { activation: 'tanh' }],
  revin: [{ affine: false }],
  transformerblock: [{ heads: 2, gated: false, positions: true, dropout: 0.3 }],
  transformerencoder: [{ layers: 1, positions: false, expansion: 1.5 }],
  lstmblock: [{ layers: 2, dropout: 0.3 }],
  grublock: [{ layers: 2, dropout: 0.3 }],
  rnnblock: [{ layers: 2, dropout: 0.3 }, { activation: 'relu' }],
  dlinearblock: [{ kernel: 3 }],
  resconvblock: [{ kernel: 4, dilation: 2, dropout: 0.3 }],
  bitcnblock: [
    { kernel: 2, dilations: [16], dropout: 0.3 },
    { kernel: 5, dilations: [2] },
  ],
  patchembedding: [{ patch: 3 }, { patch: 4, stride: 2 }, { patch: 1, stride: 3 }],
  patchmixerblock: [{ patch: 3, dropout: 0.3 }],
  laststepadapter: [{ take: 'mean' }, { take: 'max' }],
  sdeevolutionblock: [{ hidden: 3, noise: 0 }],
  parallelfusion: [
    { paths: [[{ use: 'linear' }], [{ use: 'grublock' }, { use: 'linear' }]] },
    { paths: [[{ use: 'linear' }], [{ use: 'linear' }], [{ use: 'linear' }]], join: 'concat' },
  ],
}

const components = await discoverComponents()
const inner = innerBlocks(components)
const blocks = components.blocks.list()
const cases = blocks.flatMap((block) => {
  const byDefault = block.settings.safeParse({}).success ? [{}] : []
  return [...byDefault, ...(otherSettings[block.name] ?? [])].map((given) => ({
    name: `${block.name} ${JSON.stringify(given)}`,
    block,
    given,
    build: (scope: Scope, x: Value) => block.build(scope, x, block.settings.parse(given)),
  }))
})

const largestErrors: Record<string, number> = {}
afterAll(() => {
  // biome-ignore lint/suspicious/noConsole: the table is what the switch asks for
  if (process.env['VOLCAST_SHOW'] === '1') console.table(largestErrors)
})

it('checks every block', () => {
  expect([...new Set(cases.map(({ block }) => block.name))]).toEqual(blocks.map(({ name }) => name))
  expect(blocks.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(otherSettings)))
})

describe.each(cases)('$name', ({ name, block, given, build }) => {
  it.each([length, block.leastLength])('keeps what it says that it keeps, at length %i', (steps) => {
    const { scope, graph } = testScope({ blocks: inner })
    const { shape } = build(scope, graph.input('x', [batch, steps, width]))
    expect(shape).toEqual([
      batch,
      block.keepsLength ? steps : expect.any(Number),
      block.keepsWidth ? width : expect.any(Number),
    ])
  })

  it('has the gradient of central differences', async () => {
    const window = (steps: number) => (scope: Scope) =>
      build(scope, scope.parameter('x', [batch, steps, width], { kind: 'normal', sd: 1 }))
    const error = await checkGradient(window(length), { blocks: inner })
    largestErrors[name] = error
    expect(error).toBeLessThan(1e-6)
    expect(await checkGradient(window(block.leastLength), { blocks: inner, sample: 50 })).toBeLessThan(1e-6)
  })

  it.each(['all', 'none'] as const)('has it in single precision too, with optimisation: %s', async (optimisation) => {
    const window = (scope: Scope) =>
      build(scope, scope.parameter('x', [batch, length, width], { kind: 'normal', sd: 1 }))
    expect(await singleAgainstDouble(window, optimisation, { blocks: inner })).toBeLessThan(1e-5)
  })

  it('gives finite outputs and gradients in single precision whatever comes in', async () => {
    for (const steps of new Set([length, block.leastLength])) {
      const { scope, graph, parameters, values } = testScope({ blocks: inner })
      const x = graph.input('x', [batch, steps, width])
      const y = build(scope, x)
      graph.output('y', y)
      const sum = reduceSum(y, { axes: [0, 1, 2] })
      for (const [i, gradient] of backward(graph, sum, [x, ...parameters]).entries()) {
        graph.output(`gradient ${i}`, gradient!)
      }
      const session = await new OnnxGraphRuntime().load(encodeModel(graph))
      const feeds = Object.fromEntries(
        graph.inputs.map(({ id, shape }) => [id, { dims: shape, values: Float32Array.from(values.get(id) ?? []) }]),
      )
      for (const [kind, numbers] of Object.entries(extremes(steps))) {
        const results = await session.run({ ...feeds, x: { dims: x.shape, values: Float32Array.from(numbers) } })
        for (const [output, { values }] of Object.entries(results)) {
          expect((values as Float32Array).every(Number.isFinite), `${output} of ${kind}`).toBe(true)
        }
      }
      await session.release()
    }
  })

  it('answers for one window what it answers for it in a batch, with the parameters of the training', async () => {
    const whole = await serve(batch)
    const alone = await serve(1)
    expect(alone.y).toHaveLength(whole.y.length / batch)
    for (const [i, number] of alone.y.entries()) expect(whole.y[i + alone.y.length]).toBeCloseTo(number, 12)
    const { scope, graph, parameters } = testScope({ blocks: inner })
    build(scope, graph.input('x', [batch, length, width]))
    expect(parameters.map(({ id }) => id)).toEqual(whole.parameters)
  })

  it('stands in a recipe, which trains, and serves the numbers of its training', async () => {
    const read = parseRecipe(oneBlockRecipe({ use: block.name, ...given }, { width, rows: length }), components)
    if (!read.ok) throw new Error(JSON.stringify(read.problems))
    const answer = await tryModel(new OnnxGraphRuntime(), read.recipe)
    if (!answer.ok) throw new Error(JSON.stringify(answer.problems))
    // Log-variances are between -10 and -20, where single precision has steps of 1e-6.
    expect(answer.trial.servingDifference / 10).toBeLessThan(1e-6)
  })

  /** The last windows of the same batch, outside training. */
  async function serve(count: number) {
    const { scope, graph, parameters, values } = testScope({ blocks: inner, isTraining: false })
    const x = graph.input('x', [count, length, width])
    graph.output('y', build(scope, x))
    const window = normals(batch * length * width).subarray((batch - count) * length * width)
    const model = encodeModel(graph, { precision: 'double' })
    const session = await new OnnxGraphRuntime().load(model, { optimisation: 'none' })
    const feeds: Record<string, GraphTensor> = { x: { dims: x.shape, values: window } }
    for (const { id, shape } of parameters) feeds[id] = { dims: shape, values: values.get(id)! }
    // What serving does not use is no input of the file.
    const used = session.inputNames.map((input) => [input, feeds[input]!])
    const { y } = await session.run(Object.fromEntries(used))
    await session.release()
    return { y: Array.from(y!.values, Number), parameters: parameters.map(({ id }) => id) }
  }
})

function extremes(steps: number): Readonly<Record<string, ArrayLike<number>>> {
  const size = batch * steps * width
  const made = (at: (i: number) => number) => Float64Array.from({ length: size }, (_, i) => at(i))
  const row = normals(width)
  return {
    'large numbers': made(() => 1e6),
    'large negative numbers': made(() => -1e6),
    'large numbers of both signs': made((i) => (i % 2 === 0 ? 1e6 : -1e6)),
    'one large number': made((i) => (i === size - 1 ? 1e6 : 0)),
    zeros: made(() => 0),
    'tiny numbers': made((i) => (i % 3) * 1e-30),
    'steps that are all the same': made((i) => row[i % width]!),
    'features that are all the same': made((i) => Math.floor(i / width)),
  }
}

function normals(count: number): Float64Array {
  const random = new Sfc32(new SplitMix64(3n))
  return Float64Array.from({ length: count }, () => random.normal())
}

describe('parallelfusion', () => {
  const fusion = blockOf('parallelfusion')
  const problem = (paths: unknown) => () => {
    const { scope, graph } = testScope({ blocks: inner })
    const x = graph.input('x', [batch, length, width])
    return scope.within('blocks.1', (own) => fusion.build(own, x, fusion.settings.parse({ paths })))
  }

  it('names the path whose shape does not fit', () => {
    const paths = [[{ use: 'linear' }], [{ use: 'linear' }, { use: 'patchembedding', patch: 3 }]]
    expect(problem(paths)).toThrow('blocks.1 › paths.1: the path must keep the shape [2, 9, 4], but gives [2, 3, 4]')
    expect(problem([[{ use: 'transformerblock', heads: 3 }], [{ use: 'linear' }]])).toThrow('blocks.1 › paths.0 › 0')
  })

  it('needs two paths with blocks', () => {
    expect(fusion.settings.safeParse({ paths: [[{ use: 'linear' }]] }).success).toBe(false)
    expect(fusion.settings.safeParse({ paths: [[{ use: 'linear' }], []] }).success).toBe(false)
  })
})

it('takes the newest step into the last patch', async () => {
  const { scope, graph } = testScope({ values: { weight: [1, 10, 100, 1000], bias: [0] } })
  const x = graph.input('x', [1, 6, 1])
  const block = blockOf('patchembedding')
  graph.output('y', block.build(scope, x, block.settings.parse({ patch: 4, stride: 3 })))
  const session = await new OnnxGraphRuntime().load(encodeModel(graph, { precision: 'double' }))
  const rows = (...values: number[]) => Float64Array.from(values)
  const { y } = await session.run({
    x: { dims: x.shape, values: rows(1, 2, 3, 4, 5, 6) },
    weight: { dims: [4, 1], values: rows(1, 10, 100, 1000) },
    bias: { dims: [1], values: rows(0) },
  })
  expect([...y!.values]).toEqual([3211, 6543])
})

it('remembers the scale by which RevIN divides', async () => {
  const { scope, graph, scales } = testScope()
  const x = graph.input('x', [2, 3, 2])
  const block = blockOf('revin')
  graph.output('y', block.build(scope, x, block.settings.parse({ affine: false, epsilon: 1e-12 })))
  graph.output('scale', scales[0]!)
  const session = await new OnnxGraphRuntime().load(encodeModel(graph, { precision: 'double' }))
  const window = [1, 10, 2, 20, 3, 30]
  const { y, scale } = await session.run({
    x: { dims: x.shape, values: Float64Array.from([...window, ...window.map((number) => 5 * number)]) },
  })
  const sd = Math.sqrt(2 / 3)
  expect(scale!.dims).toEqual([2, 1])
  expect(scale!.values[0]).toBeCloseTo((sd + 10 * sd) / 2, 9)
  expect(scale!.values[1]).toBeCloseTo((5 * (sd + 10 * sd)) / 2, 9)
  expect(y!.values[0]).toBeCloseTo(-1 / sd, 9)
  expect(y!.values[6]).toBeCloseTo(-1 / sd, 9)
})

it('refuses an even kernel of the moving average', () => {
  expect(blockOf('dlinearblock').settings.safeParse({ kernel: 4 }).success).toBe(false)
})

function blockOf(name: string): BlockDefinition {
  const found = components.blocks.get(name)
  if (!found.ok) throw new Error(found.sentence)
  return found.component
}

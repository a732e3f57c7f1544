/**
 * PyTorch says the same: outputs, losses and gradients of blocks and losses, and three steps of AdamW. ./torch holds what
 * its script gave; where VOLCAST_TORCH names a Python that has PyTorch, the script runs again.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { OnnxGraphRuntime } from '#adapters/onnx/graph-sessions'
import type { GraphTensor } from '#core/forecast/models/onnx/graph-runtime'
import { backward } from '#models/autodiff/backward'
import { encodeModel } from '#models/graph/encode-model'
import { sizeOf } from '#models/graph/graph'
import { discoverComponents } from '#models/registry/discover'
import { AdamW, clipScale, freshMoments, lengthOf } from '#models/training/adam-w'
import { temporaryFolder } from '#tests/support/temporary-folder'
import type { GradientCase, Numbers, TorchCase, TrainingCase } from './torch/cases.ts'
import { writeCase } from './torch/write-case.ts'

type Precision = 'single' | 'double'

/** As a share of the largest entry. */
const tolerances = { single: 1e-6, double: 1e-10 } as const

const kept = join(import.meta.dirname, 'torch')
const components = await discoverComponents()
const python = process.env['VOLCAST_TORCH'] ?? ''
if (python === '') console.log('not run live: VOLCAST_TORCH names no Python that has PyTorch')

it.each(caseFiles(kept))('agrees with what PyTorch gave: %s', (file) => compare(join(kept, file)))

it.skipIf(python === '')('agrees with what PyTorch gives now', async () => {
  const live = temporaryFolder()
  const { status, stderr } = spawnSync(python, [join(kept, 'torch_cases.py'), live])
  if (status !== 0) throw new Error(`the script ended with ${status}: ${stderr.toString()}`)
  expect(caseFiles(live)).toEqual(caseFiles(kept))
  for (const file of caseFiles(live)) await compare(join(live, file))
})

function caseFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
}

async function compare(file: string): Promise<void> {
  const given = JSON.parse(readFileSync(file, 'utf8')) as TorchCase
  if (given.kind === 'training') return compareTraining(given)
  for (const precision of ['single', 'double'] as const) await compareGradient(given, precision)
}

async function compareGradient(given: GradientCase, precision: Precision): Promise<void> {
  const names = Object.keys(given.parameters)
  const { run, release } = await open(given, precision)
  const ours = await run(given.parameters)
  await release()
  const within = (name: string, found: ArrayLike<number>, expected: readonly number[]) =>
    expect(distance(found, expected), `${name} in ${precision} precision`).toBeLessThan(tolerances[precision])
  within('the loss', ours('loss'), [given.loss])
  for (const [name, { values }] of Object.entries(given.outputs)) within(name, ours(name), values)
  within(
    'the gradient',
    names.flatMap((name) => [...ours(`gradient of ${name}`)]),
    names.flatMap((name) => given.parameters[name]!.gradient),
  )
}

/** In single precision, as trainings are. */
async function compareTraining(given: TrainingCase): Promise<void> {
  const facts = placed(given.parameters)
  const weights = Float32Array.from(facts.flatMap(({ name }) => given.parameters[name]!.values))
  const optimiser = new AdamW(facts, given.settings as unknown as ConstructorParameters<typeof AdamW>[1])
  const moments = freshMoments(weights.length)
  const { run, release } = await open(given, 'single')
  for (const [step, { rate, loss, length, parameters }] of given.steps.entries()) {
    const now = facts.map(({ name, shape, offset }) => {
      const values = Array.from(weights.subarray(offset, offset + sizeOf(shape)))
      return [name, { shape, values }] as const
    })
    const ours = await run(Object.fromEntries(now))
    const gradient = Float32Array.from(facts.flatMap(({ name }) => [...ours(`gradient of ${name}`)]))
    expect(distance(ours('loss'), [loss])).toBeLessThan(tolerances.single)
    expect(distance([lengthOf(gradient)], [length])).toBeLessThan(tolerances.single)
    const scale = clipScale(lengthOf(gradient), given.longest)
    expect(scale).toBeLessThan(1)
    optimiser.step(weights, gradient, moments, { step, learningRate: rate, scale })
    const expected = facts.flatMap(({ name }) => parameters[name]!)
    expect(distance(weights, expected), `step ${step}`).toBeLessThan(tolerances.single)
  }
  await release()
}

/** One vector of all parameters; biases do not decay. */
function placed(parameters: Readonly<Record<string, Numbers>>) {
  let end = 0
  return Object.entries(parameters).map(([name, { shape }]) => {
    const offset = end
    end += sizeOf(shape)
    return { name, shape, offset, decays: !name.endsWith('bias'), start: { kind: 'constant', value: 0 } as const }
  })
}

/** The case as a graph with its gradient, ready to run. */
async function open(given: TorchCase, precision: Precision) {
  const { graph, parameters, loss } = writeCase(components, given)
  const namesAndShapes = parameters.map(({ id, shape }) => `${id} ${shape.join()}`).sort()
  const theirs = Object.entries(given.parameters).map(([name, { shape }]) => `${name} ${shape.join()}`)
  expect(namesAndShapes).toEqual(theirs.sort())
  graph.output('loss', loss)
  for (const [i, gradient] of backward(graph, loss, parameters).entries()) {
    graph.output(`gradient of ${parameters[i]!.id}`, gradient!)
  }
  const session = await new OnnxGraphRuntime().load(encodeModel(graph, { precision }), {
    optimisation: precision === 'single' ? 'all' : 'none',
  })
  const rows = precision === 'single' ? Float32Array : Float64Array
  return {
    async run(values: Readonly<Record<string, Numbers>>) {
      const feeds = Object.entries({ ...given.inputs, ...values }).map(([name, { shape, values: numbers }]) => {
        const tensor: GraphTensor = { dims: shape, values: rows.from(numbers) }
        return [name, tensor] as const
      })
      const results = await session.run(Object.fromEntries(feeds))
      return (name: string) => results[name]!.values as Float32Array | Float64Array
    },
    release: () => session.release(),
  }
}

function distance(ours: ArrayLike<number>, theirs: readonly number[]): number {
  expect(ours).toHaveLength(theirs.length)
  const largest = Math.max(...theirs.map(Math.abs))
  return Math.max(...theirs.map((number, i) => Math.abs(number - ours[i]!))) / largest
}

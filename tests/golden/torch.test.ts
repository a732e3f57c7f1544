/**
 * PyTorch says the same: outputs, losses and gradients of the blocks, to the rounding of single precision. ./torch holds
 * what its script gave; where VOLCAST_TORCH names a Python that has PyTorch, the script runs again.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { OnnxGraphRuntime } from '#adapters/onnx/graph-sessions'
import type { GraphTensor } from '#core/forecast/models/onnx/graph-runtime'
import { backward } from '#models/autodiff/backward'
import { multiply, subtract } from '#models/graph/arithmetic'
import { encodeModel } from '#models/graph/encode-model'
import { reduceMean } from '#models/graph/reduce'
import { discoverComponents } from '#models/registry/discover'
import { testScope } from '#tests/support/models/test-scope'
import { temporaryFolder } from '#tests/support/temporary-folder'

interface Numbers {
  readonly shape: readonly number[]
  readonly values: readonly number[]
}

interface BlockCase {
  readonly block: string
  readonly settings: unknown
  readonly x: Numbers
  readonly target: Numbers
  readonly y: Numbers
  readonly loss: number
  readonly xGradient: Numbers
  readonly parameters: Readonly<Record<string, Numbers & { readonly gradient: readonly number[] }>>
}

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

async function compare(file: string): Promise<void> {
  const given = JSON.parse(readFileSync(file, 'utf8')) as BlockCase
  for (const precision of ['single', 'double'] as const)
    for (const [name, difference] of Object.entries(await differences(given, precision)))
      expect(difference, `${file}: ${name}`).toBeLessThan(precision === 'single' ? 1e-6 : 1e-10)
}

function caseFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
}

/** Of each output, as a share of its largest entry; of the gradient, as a share of the largest of all parameters. */
async function differences(given: BlockCase, precision: 'single' | 'double'): Promise<Record<string, number>> {
  const found = components.blocks.get(given.block)
  if (!found.ok) throw new Error(found.sentence)
  const { component } = found
  const { scope, graph, parameters } = testScope()
  const x = graph.input('x', given.x.shape)
  const y = component.build(scope, x, component.settings.parse(given.settings))
  expect(parameters.map(({ id, shape }) => `${id} ${shape.join()}`).sort()).toEqual(
    Object.entries(given.parameters)
      .map(([name, { shape }]) => `${name} ${shape.join()}`)
      .sort(),
  )
  const error = subtract(y, graph.input('target', given.target.shape))
  const loss = reduceMean(multiply(error, error), { axes: [0, 1, 2] })
  const names = parameters.map(({ id }) => id)
  graph.output('y', y)
  graph.output('loss', loss)
  for (const [i, gradient] of backward(graph, loss, [x, ...parameters]).entries()) {
    graph.output(`gradient of ${['x', ...names][i]}`, gradient!)
  }
  const session = await new OnnxGraphRuntime().load(encodeModel(graph, { precision }))
  const rows = precision === 'single' ? Float32Array : Float64Array
  const tensor = ({ shape, values }: Numbers): GraphTensor => ({ dims: shape, values: rows.from(values) })
  const results = await session.run({
    x: tensor(given.x),
    target: tensor(given.target),
    ...Object.fromEntries(names.map((name) => [name, tensor(given.parameters[name]!)])),
  })
  await session.release()
  const ours = (name: string) => results[name]!.values as Float32Array | Float64Array
  return {
    loss: distance(ours('loss'), [given.loss]),
    y: distance(ours('y'), given.y.values),
    'gradient of x': distance(ours('gradient of x'), given.xGradient.values),
    'gradient of the parameters': distance(
      names.flatMap((name) => [...ours(`gradient of ${name}`)]),
      names.flatMap((name) => given.parameters[name]!.gradient),
    ),
  }
}

function distance(ours: ArrayLike<number>, theirs: readonly number[]): number {
  expect(ours).toHaveLength(theirs.length)
  const largest = Math.max(...theirs.map(Math.abs))
  return Math.max(...theirs.map((number, i) => Math.abs(number - ours[i]!))) / largest
}

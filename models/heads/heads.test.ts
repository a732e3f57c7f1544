import { afterAll, describe, expect, it } from 'vitest'
import { OnnxGraphRuntime } from '#adapters/onnx/graph-sessions'
import { SplitMix64 } from '#core/base/random/rng'
import { Sfc32 } from '#core/base/random/sfc32'
import { lastStep } from '#models/graph/composites'
import { encodeModel } from '#models/graph/encode-model'
import { sizeOf, type Value } from '#models/graph/graph'
import type { Scope } from '#models/graph/scope'
import { leastDegreesOfFreedom, mostDegreesOfFreedom, mostLevelLogSd } from '#models/process/limits'
import type { Process } from '#models/process/process'
import type { HeadDefinition } from '#models/registry/component'
import { discoverComponents } from '#models/registry/discover'
import { checkGradient, singleAgainstDouble } from '#tests/support/models/check-gradient'
import { testScope } from '#tests/support/models/test-scope'

const { heads } = await discoverComponents()

const [batch, length, width, steps] = [2, 5, 8, 6]

/** Further settings under which each head is tried; the names are checked to be those of the folder. */
const settingsOf: Readonly<Record<string, readonly object[]>> = {
  gbm: [{}, { tails: 'student', level: true, drift: true }],
  sde: [{ hidden: 7 }, { layers: 1, drift: true }],
  horizon: [{}, { heads: 2, tails: 'student', drift: true }],
  simple_horizon: [{ pool: 'mean+max', hidden: 5 }, { pool: 'max', level: true }, { pool: 'mean' }, { drift: true }],
  vol_term_structure: [{}, { mostSlope: 1, drift: true }],
  mixture_density: [{}, { parts: 2, perStep: false, tails: 'student', level: true, drift: true }],
  student_t: [{}, { level: true, drift: true }],
  residual: [{}, { curve: 'perStep', tails: 'normal' }, { waves: 2, levelLogSd: 0 }],
}

const cases = heads.list().flatMap((head) => (settingsOf[head.name] ?? []).map((settings) => ({ head, settings })))

function write(
  scope: Scope,
  head: HeadDefinition,
  settings: object,
  given: { sequence?: Value; hasAhead?: boolean } = {},
) {
  const constant = (name: string, shape: number[], middle: number) => {
    const random = new Sfc32(new SplitMix64(2n).fork(name))
    return scope.graph.constant(
      Array.from({ length: sizeOf(shape) }, () => middle + random.normal()),
      shape,
    )
  }
  const sequence = given.sequence ?? scope.parameter('sequence', [batch, length, width], { kind: 'normal', sd: 1 })
  return head.build(
    scope,
    {
      sequence,
      pooled: lastStep(sequence),
      ahead: (given.hasAhead ?? true) ? constant('ahead', [batch, steps, 3], 0) : undefined,
      baseline: head.needsBaseline ? constant('baseline', [batch, steps], -13) : undefined,
      steps,
      stepSeconds: 300,
    },
    head.settings.parse(settings),
  )
}

function outputsOf({ logVariance, weights, drift, tails, levelLogSd, penalty }: Process): Record<string, Value> {
  const outputs = { logVariance, weights, drift, levelLogSd, penalty }
  const found = Object.entries(outputs).filter((entry): entry is [string, Value] => entry[1] !== undefined)
  return { ...Object.fromEntries(found), ...(tails.kind === 'student' && { degreesOfFreedom: tails.degreesOfFreedom }) }
}

const largestErrors: Record<string, number> = {}
afterAll(() => {
  // biome-ignore lint/suspicious/noConsole: the table is what the switch asks for
  if (process.env['VOLCAST_SHOW'] === '1') console.table(largestErrors)
})

it('tries each head of the folder', () => {
  expect(Object.keys(settingsOf).sort()).toEqual(
    heads
      .list()
      .map(({ name }) => name)
      .sort(),
  )
})

describe.each(cases)('$head.name $settings', ({ head, settings }) => {
  it('has the gradient of central differences', async () => {
    for (const hasAhead of [true, false]) {
      const error = await checkGradient((scope) => Object.values(outputsOf(write(scope, head, settings, { hasAhead }))))
      largestErrors[head.name] = Math.max(largestErrors[head.name] ?? 0, error)
      expect(error).toBeLessThan(1e-6)
    }
  })

  it('has the same gradient in single precision', async () => {
    for (const optimisation of ['all', 'none'] as const) {
      const error = await singleAgainstDouble(
        (scope) => Object.values(outputsOf(write(scope, head, settings))),
        optimisation,
      )
      expect(error).toBeLessThan(1e-5)
    }
  })

  it('stays within its limits whatever comes in', async () => {
    const scope = testScope()
    const sequence = scope.graph.input('given', [batch, length, width])
    for (const [name, value] of Object.entries(outputsOf(write(scope.scope, head, settings, { sequence })))) {
      scope.graph.output(name, value)
    }
    const session = await new OnnxGraphRuntime().load(encodeModel(scope.graph))
    for (const size of [0, 1e-30, 1, -1e6, 1e30, -3e38, Number.POSITIVE_INFINITY]) {
      for (const weightSize of [1, 1e3]) {
        const given = Float32Array.from({ length: sizeOf(sequence.shape) }, (_, i) => size * (i % 3 === 1 ? -1 : 1))
        const feeds = Object.fromEntries(
          scope.parameters.map(({ id, shape }) => [
            id,
            { dims: shape, values: Float32Array.from(scope.values.get(id)!, (value) => weightSize * value) },
          ]),
        )
        const found = await session.run({ ...feeds, given: { dims: sequence.shape, values: given } })
        checkLimits(
          Object.fromEntries(Object.entries(found).map(([name, { values }]) => [name, Array.from(values, Number)])),
        )
      }
    }
    await session.release()
  })
})

function checkLimits({ logVariance, weights, drift, degreesOfFreedom, levelLogSd, penalty }: Record<string, number[]>) {
  const within = (values: number[] | undefined, least: number, most: number) => {
    for (const value of values ?? []) {
      expect(value).toBeGreaterThanOrEqual(least)
      expect(value).toBeLessThanOrEqual(most)
    }
  }
  within(logVariance, -23, -3)
  within(weights, 1e-8, 1)
  within(drift, -1, 1)
  within(degreesOfFreedom, leastDegreesOfFreedom * (1 - 1e-6), mostDegreesOfFreedom * (1 + 1e-6))
  within(levelLogSd, 0, mostLevelLogSd * (1 + 1e-6))
  within(penalty, 0, 1)
}

it('has no drift unless it is asked for', () => {
  for (const head of heads.list()) expect(write(testScope().scope, head, {}).drift).toBeUndefined()
})

import { afterAll, describe, expect, it } from 'vitest'
import { OnnxGraphRuntime } from '#adapters/onnx/graph-sessions'
import { backward } from '#models/autodiff/backward'
import { encodeModel } from '#models/graph/encode-model'
import { sizeOf } from '#models/graph/graph'
import type { Scope } from '#models/graph/scope'
import { FitError } from '#models/registry/component'
import { discoverComponents } from '#models/registry/discover'
import { aProcess, aTarget, type ProcessChoice } from '#tests/support/models/a-process'
import { checkGradient, singleAgainstDouble } from '#tests/support/models/check-gradient'
import { runInDouble } from '#tests/support/models/run-graph'
import { testScope } from '#tests/support/models/test-scope'

const { losses } = await discoverComponents()

type Choice = ProcessChoice & { readonly horizon?: 'low' | 'high' }

/** Six hours in half hours: three of the four intervals of a day. */
const day: Choice = { horizon: 'low', stepSeconds: 1800, steps: 12 }
/** An hour in steps of two minutes: the first change counts twelve times, and blocks of 15 and 5 minutes have a volatility. */
const hour: Choice = { horizon: 'high', stepSeconds: 120, steps: 30, batch: 1 }

/** Settings and processes under which each loss is tried; the names are checked to be those of the folder. */
const casesOf: Readonly<Record<string, readonly (readonly [settings: object, choice: Choice])[]>> = {
  crps_gaussian: [
    [{}, {}],
    [{ of: 'intervals' }, { ...day, drift: true }],
  ],
  crps_mixture: [
    [{}, { parts: 3 }],
    [{ of: 'intervals' }, { ...day, parts: 2, level: true, drift: true }],
    [{}, { level: true }],
  ],
  crps_student_t: [
    [{}, { tails: 'student' }],
    [{}, { tails: 'student', drift: true }],
  ],
  crps_sorted: [
    [{ paths: 8 }, day],
    [
      { paths: 8, of: 'steps' },
      { parts: 2, tails: 'student', level: true, drift: true },
    ],
  ],
  crps_almost_fair: [
    [{ paths: 8 }, { ...hour, tails: 'student', level: true }],
    [{ paths: 9 }, { ...day, parts: 3 }],
  ],
  validator: [
    [{}, day],
    [{ paths: 8 }, { ...day, tails: 'student', level: true }],
    [{ paths: 8 }, { ...hour, level: true }],
    [{ paths: 8 }, { ...hour, parts: 2, tails: 'student' }],
    [{ volatility: false }, { ...hour, parts: 2, drift: true }],
  ],
  log_likelihood: [
    [{}, { parts: 2, level: true, drift: true }],
    [{}, { parts: 2, tails: 'student' }],
  ],
  sharpness: [
    [{}, {}],
    [{}, { parts: 2 }],
  ],
}

const cases = losses
  .list()
  .flatMap((loss) => (casesOf[loss.name] ?? []).map(([settings, choice]) => ({ loss, settings, choice })))

const largestErrors: Record<string, number> = {}
afterAll(() => {
  // biome-ignore lint/suspicious/noConsole: the table is what the switch asks for
  if (process.env['VOLCAST_SHOW'] === '1') console.table(largestErrors)
})

it('tries each loss of the folder', () => {
  const names = losses.list().map(({ name }) => name)
  expect(Object.keys(casesOf).sort()).toEqual(names.sort())
})

describe.each(cases)('$loss.name $settings $choice', ({ loss, settings, choice }) => {
  const write = (scope: Scope, unknown: readonly number[] = [3]) =>
    loss.build(scope, aProcess(scope, choice), aTarget(scope, { ...choice, unknown }), loss.settings.parse(settings))

  it('has the gradient of central differences', async () => {
    // The log-likelihood is large beside its gradient: a shorter step would measure the rounding of its value.
    const step = loss.name === 'log_likelihood' ? 2e-5 : 1e-5
    const error = await checkGradient((scope) => write(scope), { step })
    largestErrors[loss.name] = Math.max(largestErrors[loss.name] ?? 0, error)
    expect(error).toBeLessThan(1e-6)
  })

  it('has the same gradient in single precision', async () => {
    for (const optimisation of ['all', 'none'] as const) {
      const error = await singleAgainstDouble((scope) => write(scope), optimisation)
      expect(error).toBeLessThan(1e-5)
    }
  })

  it('is a number with a gradient in single precision, however extreme the process is', async () => {
    const { scope, graph, parameters, values } = testScope()
    const value = write(scope)
    graph.output('loss', value)
    for (const [i, gradient] of backward(graph, value, parameters).entries()) graph.output(`gradient ${i}`, gradient!)
    const session = await new OnnxGraphRuntime().load(encodeModel(graph))
    // Of the log-variance: from the smallest to the largest that a head can say.
    for (const variance of [-25, 0, 20]) {
      const feeds = Object.fromEntries(
        graph.inputs.map(({ id, shape }) => {
          const middle = id === 'variance' ? variance : 0
          return [id, { dims: shape, values: Float32Array.from(values.get(id)!, (number) => middle + 2 * number) }]
        }),
      )
      for (const [name, found] of Object.entries(await session.run(feeds))) {
        for (const number of found.values) expect([name, Number.isFinite(number)]).toEqual([name, true])
      }
    }
    await session.release()
  })

  it('is a number where nothing is known', async () => {
    const { scope, graph, values } = testScope()
    const all = Array.from({ length: sizeOf([choice.batch ?? 2, choice.steps ?? 12]) }, (_, i) => i)
    graph.output('loss', write(scope, all))
    const session = await new OnnxGraphRuntime().load(encodeModel(graph))
    const feeds = graph.inputs.map(({ id, shape }) => [id, { dims: shape, values: Float32Array.from(values.get(id)!) }])
    const { loss: found } = await session.run(Object.fromEntries(feeds))
    expect(Number(found!.values[0])).toBeCloseTo(0, 12)
    await session.release()
  })
})

it('gives the weights of a mixture a gradient, by drawn paths too', async () => {
  for (const name of ['crps_mixture', 'crps_sorted', 'crps_almost_fair', 'validator', 'log_likelihood']) {
    const found = losses.get(name)
    if (!found.ok) throw new Error(found.sentence)
    const { scope, graph, parameters, values } = testScope()
    const choice = { ...hour, parts: 3 }
    const loss = found.component.build(
      scope,
      aProcess(scope, choice),
      aTarget(scope, choice),
      found.component.settings.parse({}),
    )
    const weights = parameters.find(({ id }) => id === 'weights')!
    graph.output('gradient', backward(graph, loss, [weights])[0]!)
    const noise = Object.fromEntries([...values].map(([id, numbers]) => [id, [...numbers]]))
    const { gradient } = await runInDouble(graph, noise)
    for (const number of gradient!) expect(Math.abs(number)).toBeGreaterThan(1e-4)
  }
})

it('says which loss to take for a process that it cannot score', () => {
  const build = (name: string, choice: Choice) => {
    const { scope } = testScope()
    const found = losses.get(name)
    if (!found.ok) throw new Error(found.sentence)
    const { component } = found
    return () => component.build(scope, aProcess(scope, choice), aTarget(scope, choice), component.settings.parse({}))
  }
  expect(build('crps_gaussian', { parts: 2 })).toThrow(FitError)
  expect(build('crps_gaussian', { level: true })).toThrow('use crps_mixture')
  expect(build('crps_mixture', { tails: 'student' })).toThrow('is for normal tails')
  expect(build('crps_student_t', {})).toThrow('use crps_gaussian')
  expect(build('crps_student_t', { tails: 'student', level: true })).toThrow(FitError)
})

import { expect, it } from 'vitest'
import { SplitMix64 } from '#core/base/random/rng'
import { Sfc32 } from '#core/base/random/sfc32'
import { upperQuantile } from '#core/forecast/paths/distributions/quantile'
import { lawOf } from '#core/forecast/paths/distributions/symmetric-law'
import { add } from '#models/graph/arithmetic'
import { discoverComponents } from '#models/registry/discover'
import { runInDouble } from '#tests/support/models/run-graph'
import { testScope } from '#tests/support/models/test-scope'

const { losses } = await discoverComponents()

interface Truth {
  readonly horizon?: 'low' | 'high'
  readonly degreesOfFreedom?: number
  readonly parts?: boolean
  readonly level?: number
}

const [batch, steps, stepSeconds] = [250, 12, 300]
const partWeights = [0.3, 0.7]
const partLogVariances = [1, -1]

/** What each loss has to find: the law by which its data is drawn. */
const truthOf: Readonly<Record<string, readonly Truth[]>> = {
  crps_gaussian: [{}],
  crps_mixture: [{ parts: true, level: 0.4 }],
  crps_student_t: [{ degreesOfFreedom: 5 }],
  // With few paths its least lies at a smaller variance: that is what the others correct.
  crps_sorted: [],
  crps_almost_fair: [{ degreesOfFreedom: 5, level: 0.3 }],
  validator: [{ horizon: 'low' }, { horizon: 'high', level: 0.4 }, { horizon: 'high', degreesOfFreedom: 5 }],
  log_likelihood: [{ parts: true }, { degreesOfFreedom: 5, level: 0.3 }],
}

const logVarianceAt = (step: number) => -13 + 0.8 * Math.sin(step)

function draw({ degreesOfFreedom, parts, level = 0 }: Truth): number[] {
  const random = new Sfc32(new SplitMix64(21n).fork('windows'))
  const law = degreesOfFreedom === undefined ? undefined : lawOf({ kind: 'student', degreesOfFreedom })
  const tail = () => {
    if (law === undefined) return random.normal()
    const uniform = random.uniform()
    return uniform < 0.5 ? upperQuantile(law, uniform) : -upperQuantile(law, 1 - uniform)
  }
  return Array.from({ length: batch }, () => {
    const part = parts ? partLogVariances[random.uniform() < partWeights[0]! ? 0 : 1]! : 0
    const factor = Math.exp(level * random.normal() - level ** 2 + part / 2)
    return Array.from({ length: steps }, (_, step) => Math.exp(logVarianceAt(step) / 2) * factor * tail())
  }).flat()
}

const cases = losses
  .list((loss) => loss.isMetric !== true)
  .flatMap((loss) => (truthOf[loss.name] ?? []).map((truth) => ({ loss, truth })))

it('tries each loss that can train', () => {
  const names = losses.list((loss) => loss.isMetric !== true).map(({ name }) => name)
  expect(Object.keys(truthOf).sort()).toEqual(names.sort())
})

it.each(cases)('$loss.name is least at the true variance: $truth', async ({ loss, truth }) => {
  const { scope, graph, values } = testScope({ seed: 4n })
  const change = graph.input('change', [])
  const all = (numbers: readonly number[]) =>
    graph.constant(Array.from({ length: batch }, () => numbers).flat(), [batch, numbers.length])
  const own = Array.from({ length: steps }, (_, step) => logVarianceAt(step))
  const rows = truth.parts
    ? graph.constant(
        Array.from({ length: batch }, () =>
          partLogVariances.flatMap((part) => own.map((value) => value + part)),
        ).flat(),
        [batch, 2, steps],
      )
    : all(own)
  const process = {
    stepSeconds,
    logVariance: add(rows, change),
    weights: truth.parts ? all(partWeights) : undefined,
    drift: undefined,
    tails:
      truth.degreesOfFreedom === undefined
        ? ({ kind: 'normal' } as const)
        : ({ kind: 'student', degreesOfFreedom: all([truth.degreesOfFreedom]) } as const),
    levelLogSd: truth.level === undefined ? undefined : all([truth.level]),
  }
  const target = {
    stepSeconds,
    horizon: truth.horizon ?? 'high',
    logReturns: graph.constant(draw(truth), [batch, steps]),
    known: all(new Array<number>(steps).fill(1)),
  }
  graph.output('loss', loss.build(scope, process, target, loss.settings.parse({})))
  const noise = Object.fromEntries([...values].map(([name, numbers]) => [name, [...numbers]]))
  const at = async (moved: number) => (await runInDouble(graph, { ...noise, change: [moved] }))['loss']![0]!
  const [low, middle, high] = [await at(-0.4), await at(0), await at(0.4)]
  expect(middle).toBeLessThan(0.998 * low)
  expect(middle).toBeLessThan(0.998 * high)
})

import { describe, expect, it } from 'vitest'
import { PathKernel } from '#core/forecast/paths/kernel/path-kernel'
import { PathSampler } from '#core/forecast/paths/path-sampler'
import type { Forecast } from '#core/forecast/paths/process-parameters'
import { dayIntervals, hourIntervals, hourVolatilityBlocks } from '#core/synth/regimes/table/intervals'
import type { PathMatrix } from '#core/synth/scoring/crps'
import { scoreTotalPlainly } from '#core/synth/scoring/total-score'
import type { Scope } from '#models/graph/scope'
import { drawPaths } from '#models/scoring/draw-paths'
import { aProcess, aTarget, type ProcessChoice } from '#tests/support/models/a-process'
import { runInDouble } from '#tests/support/models/run-graph'
import { testScope } from '#tests/support/models/test-scope'
import validator from './validator.ts'

type Choice = ProcessChoice & { readonly horizon: 'low' | 'high' }

const day = { horizon: 'low', stepSeconds: 300, steps: 288, batch: 1 } as const
const hour = { horizon: 'high', stepSeconds: 60, steps: 60, batch: 1 } as const
const startPrice = 50_000

/** The written numbers, with the drawn parameters and noise of the scope. */
async function run(write: (scope: Scope) => void): Promise<Record<string, number[]>> {
  const { scope, graph, values } = testScope()
  write(scope)
  return runInDouble(graph, Object.fromEntries([...values].map(([name, numbers]) => [name, [...numbers]])))
}

const lossOf = async (choice: Choice, settings: object) =>
  (
    await run((scope) => {
      const loss = validator.build(scope, aProcess(scope, choice), aTarget(scope, choice), {
        ...validator.settings.parse(settings),
      })
      scope.graph.output('loss', loss)
    })
  )['loss']![0]!

function pricesOf(logReturns: readonly number[]): number[] {
  let price = startPrice
  return [price, ...logReturns.map((step) => (price *= Math.exp(step)))]
}

async function realPrices(choice: Choice): Promise<number[]> {
  const { real } = await run((scope) => scope.graph.output('real', aTarget(scope, choice).logReturns))
  return pricesOf(real!)
}

/** The scorer of replay and tuner, which is the validator's arithmetic bit by bit. */
function exactScore(paths: PathMatrix, real: readonly number[], { horizon, stepSeconds = 0 }: Choice) {
  return scoreTotalPlainly(paths, real, {
    stepSeconds,
    intervals: horizon === 'low' ? dayIntervals : hourIntervals,
    gapMode: 'firstChange',
    detail: 'none',
    volatilityBlocks: horizon === 'low' ? [] : hourVolatilityBlocks,
  })
}

describe('by drawn paths', () => {
  it.each<Choice>([
    { ...day, tails: 'student' },
    { ...hour, tails: 'student', level: true },
  ])('is the exact score of a thousand paths: $horizon', async (choice) => {
    const paths = 1000
    const loss = await lossOf(choice, { paths, alpha: 0 })
    const { drawn } = await run((scope) =>
      scope.graph.output('drawn', drawPaths(scope, aProcess(scope, choice), paths)),
    )
    const steps = choice.steps!
    const values = Array.from({ length: paths }, (_, path) => pricesOf(drawn!.slice(path * steps, (path + 1) * steps)))
    const matrix = { pathCount: paths, pointCount: steps + 1, values: Float64Array.from(values.flat()) }
    const exact = exactScore(matrix, await realPrices(choice), choice)
    expect(Math.abs(loss / exact.score - 1)).toBeLessThan(1e-8)
    expect(exact.volatility === null).toBe(choice.horizon === 'low')
  })
})

describe('in closed form', () => {
  /** What the miner sends for the same process: paths with the forecast's own quantiles in each scored interval. */
  async function served(choice: Choice): Promise<PathMatrix> {
    const found = await run((scope) => {
      const { logVariance, weights, levelLogSd } = aProcess(scope, choice)
      scope.graph.output('variances', logVariance)
      if (weights !== undefined) scope.graph.output('partWeights', weights)
      if (levelLogSd !== undefined) scope.graph.output('levelLogSd', levelLogSd)
    })
    const { variances, partWeights: weights = [1], levelLogSd } = found
    const steps = choice.steps!
    const factors =
      levelLogSd === undefined ? [] : [{ logSd: levelLogSd[0]!, halfLifeSeconds: Number.POSITIVE_INFINITY }]
    const parts = weights.map((weight, part) => ({
      weight,
      process: {
        stepSeconds: choice.stepSeconds!,
        stepVariances: Float64Array.from(variances!.slice(part * steps, (part + 1) * steps), Math.exp),
        volatilityFactors: factors,
        tails: { kind: 'normal' as const },
      },
    }))
    const intervals = choice.horizon === 'low' ? dayIntervals : hourIntervals
    return new PathSampler(new PathKernel()).sample({
      forecast: parts as unknown as Forecast,
      startPrice,
      pathCount: 1000,
      seed: 5n,
      arrangement: { kind: 'structured', intervals },
    })
  }

  it.each<Choice>([
    day,
    { ...day, level: true },
    { ...day, parts: 3, level: true },
    hour,
    { ...hour, parts: 2, level: true },
  ])('is the price score of what the miner would send: $horizon, $parts parts, level $level', async (choice) => {
    const loss = await lossOf(choice, { volatility: false })
    const exact = exactScore(await served(choice), await realPrices(choice), choice)
    // The difference is the miner's: a thousand paths, arranged in a few sweeps, with prices of eight digits.
    expect(Math.abs(loss / exact.price.score - 1)).toBeLessThan(choice.horizon === 'low' ? 5e-4 : 1.5e-3)
  })
})

it('counts the terms of a day and of an hour as the subnet does, each once', () => {
  expect(validator.termCount?.({ horizon: 'low', stepSeconds: 300, steps: 288 })).toBe(345)
  expect(validator.termCount?.({ horizon: 'high', stepSeconds: 60, steps: 60 })).toBe(121)
})

it('leaves out the intervals that touch an unknown step, and no others', async () => {
  const lossWithout = (unknown: readonly number[]) =>
    run((scope) => {
      const choice = { ...hour, horizon: 'low' as const, stepSeconds: 1800, steps: 6 }
      const target = aTarget(scope, { ...choice, unknown })
      scope.graph.output('loss', validator.build(scope, aProcess(scope, choice), target, validator.settings.parse({})))
    }).then(({ loss }) => loss![0]!)
  const all = await lossWithout([])
  const lastUnknown = await lossWithout([5])
  expect(lastUnknown).toBeGreaterThan(0)
  expect(lastUnknown).toBeLessThan(all)
  expect(await lossWithout([0, 1, 2, 3, 4, 5])).toBe(0)
})

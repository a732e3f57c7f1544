import { expect, it } from 'vitest'
import { runInDouble } from '#tests/support/models/run-graph'
import { testScope } from '#tests/support/models/test-scope'
import { drawPaths } from './draw-paths.ts'

const paths = 40_000

it('draws each part with its variance, whatever tails and level, and with half the mean variance taken off', async () => {
  const { scope, graph, values } = testScope()
  const logVariances = [-3, -2, -4, -3.5]
  const weights = [0.25, 0.75]
  const process = {
    stepSeconds: 60,
    logVariance: graph.constant(logVariances, [1, 2, 2]),
    weights: graph.constant(weights, [1, 2]),
    drift: graph.constant([0.01, 0.02, 0.03, 0.04], [1, 2, 2]),
    tails: { kind: 'student', degreesOfFreedom: graph.constant([9], [1, 1]) } as const,
    levelLogSd: graph.constant([0.3], [1, 1]),
  }
  graph.output('drawn', drawPaths(scope, process, paths))
  const noise = Object.fromEntries([...values].map(([name, numbers]) => [name, [...numbers]]))
  const drawn = (await runInDouble(graph, noise))['drawn']!
  const each = paths / 2
  for (const step of [0, 1]) {
    const shift = weights.reduce(
      (sum, weight, part) => sum + (weight * Math.exp(logVariances[2 * part + step]!)) / 2,
      0,
    )
    for (const part of [0, 1]) {
      const own = Array.from({ length: each }, (_, i) => drawn[(part * each + i) * 2 + step]!)
      const mean = own.reduce((sum, one) => sum + one, 0) / each
      const variance = own.reduce((sum, one) => sum + (one - mean) ** 2, 0) / each
      const wanted = Math.exp(logVariances[2 * part + step]!)
      expect(Math.abs(mean - (0.01 * (2 * part + step + 1) - shift))).toBeLessThan(4 * Math.sqrt(wanted / each))
      expect(Math.abs(variance / wanted - 1)).toBeLessThan(0.05)
    }
  }
})

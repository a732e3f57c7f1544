import { describe, expect, it } from 'vitest'
import { SplitMix64 } from '#core/base/random/rng'
import { Sfc32 } from '#core/base/random/sfc32'
import { logGamma } from '#core/forecast/paths/distributions/incomplete-gamma'
import { upperQuantile } from '#core/forecast/paths/distributions/quantile'
import { lawOf } from '#core/forecast/paths/distributions/symmetric-law'
import { ensembleCrps } from '#core/synth/scoring/crps'
import { Graph, type Value } from '#models/graph/graph'
import { runInDouble } from '#tests/support/models/run-graph'
import { mixtureCrps, normalCrps, studentCrps } from './closed-crps.ts'
import { normalMixture } from './normal-mixture.ts'
import { sampledCrps } from './sampled-crps.ts'
import { logGammaHalfStep, studentCentre, studentFacts, studentFromNormal } from './student-law.ts'

/** The numbers of what is written over constants. */
async function numbersOf(write: (graph: Graph) => Value): Promise<number[]> {
  const graph = new Graph()
  graph.output('found', write(graph))
  return (await runInDouble(graph, {}))['found']!
}

const random = (label: string) => new Sfc32(new SplitMix64(11n).fork(label))
const drawn = (label: string, count: number): number[] => {
  const generator = random(label)
  return Array.from({ length: count }, () => generator.normal())
}
const values = [-3, -0.4, 0, 0.7, 2]

describe('in closed form', () => {
  it('gives the known numbers of a normal variable', async () => {
    const found = await numbersOf((graph) => normalCrps(graph.constant([0, 1, -2]), graph.constant([1, 1, 4])))
    // (sqrt(2) - 1) / sqrt(pi), and z (2 F(z) - 1) + 2 f(z) - 1 / sqrt(pi) at 1; two deviations of 2 are twice that.
    for (const [i, known] of [0.2336949772551092, 0.602441356, 1.204882712].entries()) {
      expect(found[i]).toBeCloseTo(known, 8)
    }
  })

  it('agrees with a million draws', async () => {
    const generator = random('normal')
    const found = await numbersOf((graph) => normalCrps(graph.constant([0.7]), graph.constant([2.25])))
    expect(Math.abs(found[0]! - estimatedCrps(0.7, () => 1.5 * generator.normal()))).toBeLessThan(5e-3)
  })

  it('is that of a normal variable for a mixture of one part, or of equal ones', async () => {
    const of = (parts: number, level?: number) =>
      numbersOf((graph) => {
        const rows = Array.from({ length: parts }, () => [0.5, 1, 2, 3, 0.1]).flat()
        const shape = parts === 1 ? [1, 5] : [1, parts, 5]
        const process = aMixture(graph, { parts, level, weights: Array.from({ length: parts }, () => 1 / parts) })
        return mixtureCrps(
          graph.constant(values, [1, 5]),
          normalMixture(process, graph.constant(rows, shape), undefined),
        )
      })
    const normal = await numbersOf((graph) => normalCrps(graph.constant(values), graph.constant([0.5, 1, 2, 3, 0.1])))
    for (const found of [await of(1), await of(3), await of(1, 1e-9), await of(2, 1e-9)]) {
      for (const [i, number] of found.entries()) expect(number).toBeCloseTo(normal[i]!, 12)
    }
  })

  it('agrees with draws of a mixture with drift and an uncertain level', async () => {
    const [weights, variances, means, level] = [[0.2, 0.8], [4, 0.5], [0.3, -0.2], 0.4]
    const generator = random('mixture')
    const draw = () => {
      const part = generator.uniform() < weights[0]! ? 0 : 1
      const factor = Math.exp(level * generator.normal() - level ** 2)
      return means[part]! + Math.sqrt(variances[part]!) * factor * generator.normal()
    }
    const found = await numbersOf((graph) => {
      const column = (numbers: number[]) => graph.constant(numbers, [1, 2, 1])
      const mixture = normalMixture(aMixture(graph, { parts: 2, weights, level }), column(variances), column(means))
      return mixtureCrps(graph.constant([0.6], [1, 1]), mixture)
    })
    expect(Math.abs(found[0]! - estimatedCrps(0.6, draw))).toBeLessThan(4e-3)
  })

  it("knows Student's t: its constants, its distribution, its score", async () => {
    const arguments_ = [1.1, 2, 7.5, 60]
    const ratios = await numbersOf((graph) => logGammaHalfStep(graph.constant(arguments_)))
    for (const [i, x] of arguments_.entries())
      expect(Math.abs(ratios[i]! - logGamma(x + 0.5) + logGamma(x))).toBeLessThan(1e-13)

    // At 2 degrees of freedom 2 F(z) - 1 is z / sqrt(2 + z^2).
    const centre = await numbersOf((graph) => studentCentre(graph.constant(values), studentFacts(graph.constant([2]))))
    for (const [i, z] of values.entries()) expect(centre[i]).toBeCloseTo(z / Math.sqrt(2 + z * z), 12)

    for (const nu of [2.5, 4.5, 30]) {
      const law = lawOf({ kind: 'student', degreesOfFreedom: nu })
      const members = stratified(20_000, (probability, guess) => upperQuantile(law, probability, guess))
      const scores = await numbersOf((graph) =>
        studentCrps(graph.constant(values, [1, 5]), graph.constant(1), graph.constant([nu], [1, 1])),
      )
      for (const [i, value] of values.entries()) {
        expect(Math.abs(scores[i]! - ensembleCrps(members.slice(), value))).toBeLessThan(1e-7)
      }
    }
  })

  it('tends to the normal one with the degrees of freedom', async () => {
    const variances = [0.5, 1, 2, 3, 0.1]
    const normal = await numbersOf((graph) => normalCrps(graph.constant(values), graph.constant(variances)))
    const student = await numbersOf((graph) =>
      studentCrps(graph.constant(values, [1, 5]), graph.constant(variances, [1, 5]), graph.constant([1e5], [1, 1])),
    )
    for (const [i, number] of student.entries()) expect(number).toBeCloseTo(normal[i]!, 4)
  })
})

describe('of sampled members', () => {
  const [batch, members, terms] = [2, 7, 3]
  const x = drawn('members', batch * members * terms)
  const y = drawn('values', batch * terms)
  const sampled = (alpha: number) =>
    numbersOf((graph) =>
      sampledCrps(graph.constant(x, [batch, members, terms]), graph.constant(y, [batch, terms]), {
        alpha,
        partWeights: undefined,
      }),
    )
  const column = (b: number, t: number) => Array.from({ length: members }, (_, m) => x[(b * members + m) * terms + t]!)
  const places = Array.from({ length: batch * terms }, (_, i) => [Math.floor(i / terms), i % terms] as const)

  it('is the double sum over all pairs: plain at alpha 0, fair at alpha 1, in between in between', async () => {
    const found = await Promise.all([0, 0.95, 1].map(sampled))
    for (const [i, [b, t]] of places.entries()) {
      const own = column(b, t)
      const near = mean(own.map((one) => Math.abs(one - y[i]!)))
      const pairs = own.flatMap((one, j) => own.filter((_, k) => k !== j).map((other) => Math.abs(one - other)))
      const sum = pairs.reduce((total, distance) => total + distance, 0)
      const [plain, almost, fair] = found.map((list) => list[i]!)
      expect(plain).toBeCloseTo(near - sum / (2 * members * members), 12)
      expect(fair).toBeCloseTo(near - sum / (2 * members * (members - 1)), 12)
      expect(almost).toBeCloseTo(0.05 * plain! + 0.95 * fair!, 12)
      expect(plain).toBeCloseTo(ensembleCrps(Float64Array.from(own), y[i]!), 12)
    }
  })

  it('weighs the members of a mixture, and corrects the pairs within a part only', async () => {
    const weights = [0.3, 0.7]
    const [parts, each] = [2, 4]
    const own = drawn('parts', parts * each)
    const crps = (alpha: number) =>
      numbersOf((graph) =>
        sampledCrps(graph.constant(own, [1, parts * each, 1]), graph.constant([0.4], [1, 1]), {
          alpha,
          partWeights: graph.constant(weights, [1, 2]),
        }),
      )
    const partOf = (i: number) => Math.floor(i / each)
    const weightOf = (i: number) => weights[partOf(i)]! / each
    const pairSum = (within: number) =>
      own.reduce(
        (sum, a, i) =>
          sum +
          own.reduce((inner, b, j) => {
            const factor = partOf(i) === partOf(j) ? within : 1
            return inner + factor * weightOf(i) * weightOf(j) * Math.abs(a - b)
          }, 0),
        0,
      )
    const near = own.reduce((sum, a, i) => sum + weightOf(i) * Math.abs(a - 0.4), 0)
    expect((await crps(0))[0]).toBeCloseTo(near - pairSum(1) / 2, 12)
    expect((await crps(1))[0]).toBeCloseTo(near - pairSum(each / (each - 1)) / 2, 12)
  })

  it("draws Student's t from normal numbers: variance 1, and its quantiles within a few per cent", async () => {
    const normals = stratified(20_000, (probability, guess) =>
      upperQuantile(lawOf({ kind: 'normal' }), probability, guess),
    )
    for (const [nu, tolerance] of [
      [2.5, 0.065],
      [4.5, 0.012],
      [11, 0.002],
      [50, 1e-4],
    ] as const) {
      const draws = await numbersOf((graph) => studentFromNormal(graph.constant(normals), graph.constant([nu])))
      if (nu > 4) expect(Math.abs(mean(draws.map((draw) => draw ** 2)) - 1)).toBeLessThan(0.01)
      const law = lawOf({ kind: 'student', degreesOfFreedom: nu })
      for (const probability of [0.001, 0.01, 0.05, 0.2, 0.4]) {
        const above = Math.floor(20_000 * probability)
        const own = upperQuantile(law, (above + 0.5) / 20_000)
        expect(Math.abs(draws.at(-above - 1)! / own - 1)).toBeLessThan(tolerance)
      }
    }
  })
})

function aMixture(
  graph: Graph,
  { parts, weights, level }: { parts: number; weights: number[]; level?: number | undefined },
): Parameters<typeof normalMixture>[0] {
  return {
    stepSeconds: 60,
    logVariance: graph.constant(0),
    weights: parts === 1 ? undefined : graph.constant(weights, [1, parts]),
    drift: undefined,
    tails: { kind: 'normal' },
    levelLogSd: level === undefined ? undefined : graph.constant([level], [1, 1]),
  }
}

/** Ascending middles of equally likely strata of a symmetric law. */
function stratified(count: number, quantile: (probability: number, guess: number) => number): Float64Array {
  const found = new Float64Array(count)
  let guess = 0
  for (let i = count / 2; i < count; i += 1) {
    guess = quantile((count - i - 0.5) / count, guess)
    found[i] = guess
    found[count - 1 - i] = -guess
  }
  return found
}

/** By half a million pairs of draws. */
function estimatedCrps(value: number, draw: () => number): number {
  const pairs = 500_000
  let sum = 0
  for (let i = 0; i < pairs; i += 1) {
    const [a, b] = [draw(), draw()]
    sum += (Math.abs(a - value) + Math.abs(b - value) - Math.abs(a - b)) / 2
  }
  return sum / pairs
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length
}

import { z } from 'zod'
import { add, exp, multiply, negate, times, where } from '#models/graph/arithmetic'
import type { Value } from '#models/graph/graph'
import { reduceSum } from '#models/graph/reduce'
import { defineLoss } from '#models/registry/component'
import { basisPoints, changeBps } from '#models/scoring/changes'
import { mixtureCrps } from '#models/scoring/closed-crps'
import { drawPaths } from '#models/scoring/draw-paths'
import { normalMixture } from '#models/scoring/normal-mixture'
import { sampledCrps } from '#models/scoring/sampled-crps'
import { knownTerms, scoredTerms, sumTerms } from '#models/scoring/scored-terms'
import { alphaSetting, pathsSetting } from '#models/scoring/targets'
import { volatilityBlocks, volatilityTerm } from '#models/scoring/volatility-term'

/**
 * What the validator adds up for one answer: the CRPS of every scored change in basis points, and for an hour of crypto the
 * volatility term. Sums of normal steps have a closed form, with any parts and level; the volatility of a block and
 * Student-t steps have none, so paths are drawn for them and scored without the bias of their small number.
 */
export default defineLoss({
  name: 'validator',
  description:
    "The validator's score of one answer in basis points: all intervals, and the volatility term of the hour.",
  settings: z.strictObject({
    paths: pathsSetting,
    alpha: alphaSetting(1),
    volatility: z
      .boolean()
      .default(true)
      .describe('Whether the volatility term counts; only crypto for an hour has it.'),
  }),
  termCount: (facts) => scoredTerms(facts).count,
  build: (scope, process, target, { paths, alpha, volatility }) => {
    const { logReturns, known, stepSeconds, horizon } = target
    const [batch, steps] = known.shape
    const facts = { stepSeconds, horizon, steps: steps! }
    const terms = scoredTerms(facts)
    const blocks = volatility ? volatilityBlocks(facts) : []
    const isNormal = process.tails.kind === 'normal'
    const drawn = isNormal && blocks.length === 0 ? undefined : drawPaths(scope, process, paths)
    const partWeights = process.weights

    const real = changeBps(sumTerms(logReturns, terms))
    const crps = isNormal
      ? mixtureCrps(real, normalMixture(process, ...sumsOfMoments()))
      : sampledCrps(changeBps(sumTerms(drawn!, terms)), real, { alpha, partWeights })
    const scored = multiply(inEndPrices(crps), knownTerms(known, terms))
    const sums = [reduceSum(scored, { axes: [1] })]
    for (const block of blocks) {
      const changes = { members: changeBps(drawn!), real: changeBps(logReturns), known, partWeights, alpha }
      sums.push(volatilityTerm(changes, block))
    }
    return times(reduceSum(sums.reduce(add), { axes: [0] }), 1 / batch!)

    function sumsOfMoments(): [Value, Value | undefined] {
      const variances = times(sumTerms(exp(process.logVariance), terms), basisPoints ** 2)
      const means = process.drift === undefined ? undefined : times(sumTerms(process.drift, terms), basisPoints)
      return [variances, means]
    }

    /** Where prices are compared, the unit is the last real price and not the first one. */
    function inEndPrices(values: Value): Value {
      if (!terms.isAbsolute.includes(true)) return values
      const { graph } = values
      const isAbsolute = graph.constant(terms.isAbsolute.map(Number), [1, terms.count], 'bool')
      const whole = reduceSum(logReturns, { axes: [1], keep: true })
      return multiply(values, where(isAbsolute, exp(negate(whole)), graph.constant(1)))
    }
  },
})

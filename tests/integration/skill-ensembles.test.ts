import { expect, it } from 'vitest'
import { SplitMix64 } from '#core/base/random/rng'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { resolvePrediction } from '#core/synth/regimes/prediction'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { scoreAnswer } from '#core/synth/scoring/crps'
import { predictionRuleOf } from '#core/synth/scoring/prediction-rule'
import { Ensembles } from '#tests/support/skill/ensembles'

const book = buildRegimeBook(builtInRegimes, undefined)
const startAtMs = Date.UTC(2026, 9, 1)

it.each([
  ['day', 86_400, 300],
  ['hour', 3600, 60],
])('scores constant volatilities of a %s as the port scores their paths, holes included', (_, seconds, stepSeconds) => {
  const rule = predictionRuleOf(
    resolvePrediction(book, { asset: 'BTC', timeLengthSeconds: seconds, startAtMs }),
    'totals',
  )
  const ensembles = new Ensembles(stepSeconds, seconds / stepSeconds, rule.intervals)
  const rng = new SplitMix64(4n)
  const real = new Float64Array(seconds / stepSeconds + 1)
  real[0] = 61_234.5
  for (let i = 1; i < real.length; i += 1) real[i] = real[i - 1]! * (1 + 0.004 * (rng.next() - 0.5))
  real[7] = Number.NaN
  for (const sd of [1e-4, 9e-4, 6e-3]) {
    const byPort = scoreAnswer(ensembles.constant(sd, real[0]), real, rule).score
    expect(ensembles.scoreConstant(sd, real, rule) / byPort).toBeCloseTo(1, 9)
  }
})

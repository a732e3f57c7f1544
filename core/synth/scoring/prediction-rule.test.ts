import { expect, it } from 'vitest'
import { SplitMix64 } from '#core/base/random/rng'
import { buildRegimeBook } from '../regimes/book.ts'
import { resolvePrediction } from '../regimes/prediction.ts'
import { builtInRegimes } from '../regimes/table/built-in.ts'
import type { PathMatrix } from './crps.ts'
import { predictionRuleOf } from './prediction-rule.ts'
import { scorePrediction } from './score-prediction.ts'

const book = buildRegimeBook(builtInRegimes)
const rng = new SplitMix64(7n)

function walk(pathCount: number, pointCount: number): PathMatrix {
  const values = new Float64Array(pathCount * pointCount)
  for (let i = 0; i < values.length; i += 1) {
    values[i] = i % pointCount === 0 ? 100 : values[i - 1]! * (1 + 0.002 * (rng.next() - 0.5))
  }
  return { pathCount, pointCount, values }
}

const answers = { 3600: walk(20, 61), 86400: walk(20, 289) }
const truths = { 3600: walk(1, 61).values, 86400: walk(1, 289).values }

function scoreAt(scoringAt: string, timeLengthSeconds: 3600 | 86_400) {
  const scoringAtMs = Date.parse(scoringAt)
  const startAtMs = scoringAtMs - timeLengthSeconds * 1000 - 90_000
  const rules = resolvePrediction(book, { asset: 'BTC', timeLengthSeconds, startAtMs, scoringAtMs })
  return scorePrediction(answers[timeLengthSeconds], truths[timeLengthSeconds], predictionRuleOf(rules, 'totals'))
}

it('scores one answer of 1h by the rules of each time', () => {
  const [ordinary, first, vol] = ['2026-03-01T00:00Z', '2026-06-01T00:00Z', '2026-10-01T00:00Z'].map((at) =>
    scoreAt(at, 3600),
  )
  expect(ordinary?.total).toBeGreaterThan(first?.total ?? Number.NaN)
  expect(first?.volatility).toBeNull()
  expect(vol?.volatility?.rows.map(([name]) => name)).toEqual(['vol_60min', 'vol_15min', 'vol_5min'])
  expect(vol?.total).toBe((vol?.price?.score ?? Number.NaN) + (vol?.volatility?.total ?? Number.NaN))
})

it('scores a 24h answer without gaps and volatility, so that only its storage changes', () => {
  const [float64, float32, autumn] = ['2026-03-01T00:00Z', '2026-07-01T00:00Z', '2026-10-01T00:00Z'].map(
    (at) => scoreAt(at, 86_400).total,
  )
  expect(float32).not.toBe(float64)
  expect(float32).toBeCloseTo(float64 ?? Number.NaN, 2)
  expect(autumn).toBe(float32)
})

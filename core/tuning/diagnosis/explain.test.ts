import { expect, it } from 'vitest'
import { SplitMix64 } from '#core/base/random/rng'
import type { PredictionRule } from '#core/synth/scoring/score-prediction'
import { explainPrediction } from './explain.ts'

const rule: PredictionRule = {
  stepSeconds: 300,
  intervals: [
    { name: '5min', seconds: 300 },
    { name: '30min', seconds: 1800 },
  ],
  gapMode: 'firstChange',
  totalScore: 'price',
  volatilityBlocks: [],
  nonFinite: 'all',
  rounding: 'float64',
  detail: 'totals',
}
const startAtMs = Date.UTC(2026, 0, 5)

function randomPaths(pathCount: number, pointCount: number) {
  const rng = new SplitMix64(3n)
  const values = new Float64Array(pathCount * pointCount)
  for (let path = 0; path < pathCount; path += 1) {
    let price = 100
    for (let k = 0; k < pointCount; k += 1) {
      values[path * pointCount + k] = price
      price *= 1 + 0.002 * (rng.next() - 0.5)
    }
  }
  return { pathCount, pointCount, values }
}

it('adds up to the score, and names the move that cost most', () => {
  const real = new Float64Array(13).fill(100)
  real.fill(101, 7)
  const explained = explainPrediction({ paths: randomPaths(200, 13), real, rule, startAtMs })
  const sum = explained.parts.reduce((total, { crps }) => total + crps, 0)
  expect(sum).toBeCloseTo(explained.total!, 8)
  expect(explained.parts.map(({ name, increments }) => [name, increments])).toEqual([
    ['5min', 12],
    ['30min', 2],
  ])
  expect(explained.dearest[0]).toMatchObject({ interval: '5min', quantile: 1, real: 100 })
  expect(explained.dearest[0]!.fromMs).toBe(startAtMs + 6 * 300_000)
  expect(explained.dearest[0]!.crps).toBeGreaterThan(explained.dearest[0]!.expected)
})

it('expects of a sure forecast nothing, and of two paths a quarter of their distance', () => {
  const flat = { pathCount: 2, pointCount: 2, values: Float64Array.from([100, 100, 100, 101]) }
  const explained = explainPrediction({
    paths: flat,
    real: Float64Array.from([100, 100]),
    rule: { ...rule, intervals: [{ name: '5min', seconds: 300 }] },
    startAtMs,
  })
  expect(explained.parts[0]!.expected).toBeCloseTo(25, 9)
})

it('says why there is no score', () => {
  const paths = { pathCount: 1, pointCount: 2, values: Float64Array.from([100, 0]) }
  const explained = explainPrediction({ paths, real: Float64Array.from([100, 100]), rule, startAtMs })
  expect(explained).toMatchObject({
    total: null,
    problem: 'a simulated price is 0, which makes the whole answer invalid',
  })
})

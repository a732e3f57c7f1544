import { describe, expect, it } from 'vitest'
import { AnswerScorer } from '#core/synth/scoring/answer-scorer'
import { changeBps } from '#core/synth/scoring/score-plan'
import type { PredictionRule } from '#core/synth/scoring/score-prediction'
import { makePaths, makeRealPath } from '#tests/support/made-paths'
import { hourBlocks, hourIntervals } from '#tests/support/scoring-rules'
import { pitBin, shareOutside } from './measure-facts.ts'
import { scorePaths } from './score-day.ts'

const rule: PredictionRule = {
  stepSeconds: 60,
  intervals: hourIntervals,
  gapMode: 'firstChange',
  detail: 'increments',
  volatilityBlocks: hourBlocks,
  totalScore: 'pricePlusVol',
  nonFinite: 'all',
  rounding: 'float64',
}
const walk = { pathCount: 200, pointCount: 61, seed: 5, startPrice: 250 }

function factsOf(real: Float64Array, paths = makePaths(walk)) {
  const outcome = scorePaths(new AnswerScorer(), paths, real, rule)
  if (outcome.kind !== 'scored') throw new Error(outcome.detail)
  return outcome
}

describe('facts of a prediction', () => {
  it('add up to the score, interval by interval', () => {
    const { facts, rows } = factsOf(makeRealPath(walk))
    for (const [interval, crps] of rows.price) {
      const cells = facts.cells.filter((cell) => cell.interval === interval)
      expect(cells.reduce((sum, cell) => sum + cell.crpsSum, 0)).toBeCloseTo(crps, 5)
      for (const cell of cells) expect(cell.pit.reduce((sum, count) => sum + count, 0)).toBe(cell.count)
    }
  })

  it('hold the squares of the real increments and the variances of the paths, in squared basis points', () => {
    const real = makeRealPath(walk)
    const paths = makePaths(walk)
    const cell = factsOf(real).facts.cells.find(({ interval }) => interval === '30min')!
    let squares = 0
    let variance = 0
    for (const from of [0, 30]) {
      squares += changeBps(real[from]!, real[from + 30]!) ** 2
      const changes = Array.from({ length: 200 }, (_, path) =>
        changeBps(paths.values[path * 61 + from]!, paths.values[path * 61 + from + 30]!),
      )
      const mean = changes.reduce((sum, x) => sum + x, 0) / 200
      variance += changes.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 200
    }
    expect(cell.count).toBe(2)
    expect(cell.realSquares / squares).toBeCloseTo(1, 8)
    expect(cell.forecastVariance / variance).toBeCloseTo(1, 8)
  })

  it('measure a price that is compared as such from where the paths start', () => {
    const real = makeRealPath(walk)
    const cell = factsOf(real).facts.cells.find(({ interval }) => interval === '60min_abs')!
    expect(cell.realSquares / changeBps(250, real[60]!) ** 2).toBeCloseTo(1, 8)
  })

  it('leave out what was not observed', () => {
    const real = makeRealPath(walk)
    real[30] = Number.NaN
    const { facts } = factsOf(real)
    expect(facts.cells.find(({ interval }) => interval === '30min')).toBeUndefined()
    expect(facts.cells.find(({ interval }) => interval === '1min')!.count).toBe(58)
  })

  it('put a real value below all paths in the first bin and one above all in the last', () => {
    const low = factsOf(makeRealPath(walk).map((price, i) => (i === 0 ? price : price * 0.5)))
    const absolute = low.facts.cells.find(({ interval }) => interval === '60min_abs')!
    expect(absolute.pit[0]).toBe(1)
    expect([pitBin(0, 1000), pitBin(1000, 1000), pitBin(500, 1000)]).toEqual([0, 19, 9])
  })

  it('are outside the middle 95 % in exactly 2.5 % of equally likely places on either side', () => {
    for (const pathCount of [200, 999, 1000]) {
      const ranks = Array.from({ length: pathCount + 1 }, (_, rank) => rank)
      const outside = ranks.reduce((sum, rank) => sum + shareOutside(rank, pathCount), 0)
      expect(outside / (pathCount + 1)).toBeCloseTo(0.025, 12)
    }
    expect([0, 24, 25, 26].map((rank) => shareOutside(rank, 1000))).toEqual([1, 1, expect.closeTo(0.025, 9), 0])
    const low = factsOf(makeRealPath(walk).map((price, i) => (i === 0 ? price : price * 0.5)))
    expect(low.facts.cells.find(({ interval }) => interval === '60min_abs')!.outer).toEqual([1, 0])
  })

  it('have a place among the paths and their mean for every volatility block', () => {
    const { volatilityBlocks } = factsOf(makeRealPath(walk)).facts
    expect(volatilityBlocks.map(({ block }) => block)).toEqual([
      'vol_60min',
      ...new Array<string>(4).fill('vol_15min'),
      ...new Array<string>(12).fill('vol_5min'),
    ])
    for (const { pit, real, forecastMean } of volatilityBlocks) {
      expect(pit).toBeGreaterThan(0)
      expect(pit).toBeLessThan(1)
      expect(real / forecastMean).toBeGreaterThan(0.2)
      expect(real / forecastMean).toBeLessThan(5)
    }
  })
})

describe('scorePaths', () => {
  it('scores what the single-precision storage made of the prices', () => {
    const real = makeRealPath(walk)
    const rounded = makePaths(walk)
    for (let i = 0; i < rounded.values.length; i += 1) rounded.values[i] = Math.fround(rounded.values[i]!)
    const stored = scorePaths(new AnswerScorer(), makePaths(walk), real, { ...rule, rounding: 'float32' })
    expect(stored).toEqual(scorePaths(new AnswerScorer(), rounded, real, rule))
    expect(stored).not.toMatchObject({ total: factsOf(real).total })
  })

  it('names what keeps an answer from having a number', () => {
    const real = makeRealPath(walk)
    const broken = makePaths(walk)
    broken.values[100] = 0
    expect(scorePaths(new AnswerScorer(), broken, real, rule)).toMatchObject({ problem: 'zeroPrice' })
    const infinite = makePaths(walk)
    infinite.values.fill(Number.POSITIVE_INFINITY, 1, 61)
    expect(scorePaths(new AnswerScorer(), infinite, real, rule)).toMatchObject({ problem: 'notFinite' })
    expect(scorePaths(new AnswerScorer(), makePaths(walk), real.slice(0, 31), rule)).toMatchObject({
      problem: 'notScorable',
    })
    expect(scorePaths(new AnswerScorer(), makePaths(walk), new Float64Array(0), rule)).toMatchObject({
      problem: 'lastMissing',
    })
  })
})

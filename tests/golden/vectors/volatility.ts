import { z } from 'zod'
import { AnswerScorer } from '#core/synth/scoring/answer-scorer'
import type { PathMatrix } from '#core/synth/scoring/crps'
import {
  type PredictionRule,
  type ScoredAnswer,
  scorePrediction,
  totalRowsOf,
} from '#core/synth/scoring/score-prediction'
import { blockVolatilities } from '#core/synth/scoring/volatility'
import { walkPaths } from '#tests/support/walk-v1'
import { firstDifference } from './compare.ts'
import { competitionOf, vectorRegimes } from './known-regimes.ts'
import { exceptionOf, matrixOf, realPathOf, realRecipe, recipeSchema, sumPresent } from './paths.ts'
import { caseList, compareCases, defineSuite, expectedError, expectedNumber, vectorNumber } from './suite.ts'

const expectedScore = z.union([
  z.strictObject({
    score: expectedNumber,
    details: z.union([
      z.array(z.tuple([z.string(), expectedNumber, z.number().nullable()])),
      z.tuple([z.strictObject({ error: z.string() })]),
    ]),
    worker_score: expectedNumber,
  }),
  z.strictObject({ error: z.string() }),
])
const volatilityBlocks = z.array(z.tuple([z.string(), z.number(), z.number()]))

const schema = z.strictObject({
  lambda: z.number(),
  intervals: z.array(z.tuple([z.string(), z.number()])),
  vol_blocks: volatilityBlocks,
  recipe_cases: caseList(
    z.strictObject({
      id: z.string(),
      asset: z.string(),
      recipe: z.strictObject({ sim: recipeSchema, real: realRecipe }),
      check: z.tuple([z.number(), z.number(), z.number()]),
      expected: expectedScore,
      expected_float32: expectedScore,
    }),
  ),
  raw_cases: caseList(
    z.strictObject({
      id: z.string(),
      paths: z.array(z.array(vectorNumber)),
      real: z.array(vectorNumber),
      time_increment: z.number(),
      vol_blocks: volatilityBlocks,
      expected: expectedScore,
    }),
  ),
  block_volatilities: caseList(
    z.strictObject({
      id: z.string(),
      paths: z.array(z.array(vectorNumber)),
      block_steps: z.number(),
      expected: z.union([z.array(z.array(expectedNumber)), expectedError]),
    }),
  ),
})

export const volCrps = defineSuite(schema, (document) => {
  const { gapMode, totalScore, nonFinite } = vectorRegimes.september
  const competition = competitionOf(vectorRegimes.september, 'crypto-1h')
  const rule: PredictionRule = {
    stepSeconds: competition.timeIncrementSeconds,
    intervals: competition.intervals,
    gapMode,
    detail: 'folded',
    totalScore,
    volatilityBlocks: competition.volatilityBlocks,
    nonFinite,
    rounding: 'float64',
  }
  const difference = (paths: PathMatrix, real: Float64Array, own: Partial<PredictionRule>, expected: unknown) =>
    firstDifference(vectorOf(scorePrediction(paths, real, { ...rule, ...own })), expected, {}, 'reference') ??
    firstDifference(vectorOf(scorePrediction(paths, real, { ...rule, ...own }, scoreByKernel)), expected, {}, 'kernel')
  return {
    tables: compareCases(
      [document],
      () => 'intervals and blocks',
      ({ lambda, intervals, vol_blocks }) =>
        firstDifference(
          {
            intervals: competition.intervals.map(({ name, seconds }) => [name, seconds]),
            vol_blocks: competition.volatilityBlocks.map(({ name, seconds, weightNumerator, weightDenominator }) => [
              name,
              seconds,
              weightNumerator / weightDenominator,
            ]),
            lambda: competition.volatilityBlocks[0]?.weightNumerator,
          },
          { intervals, vol_blocks, lambda },
        ),
    ),
    recipe_cases: compareCases(
      document.recipe_cases,
      ({ id }) => id,
      (item) => {
        const paths = walkPaths(item.recipe.sim)
        const real = realPathOf(item.recipe.real)
        const check = [paths.values[paths.pointCount - 1], paths.values[paths.values.length - 1], sumPresent(real)]
        return (
          firstDifference(check, item.check) ??
          difference(paths, real, {}, item.expected) ??
          difference(paths, real, { rounding: 'float32' }, item.expected_float32)
        )
      },
    ),
    raw_cases: compareCases(
      document.raw_cases,
      ({ id }) => id,
      ({ paths, real, time_increment, vol_blocks, expected }) => {
        const own = { stepSeconds: time_increment, volatilityBlocks: blocksOf(vol_blocks) }
        return difference(matrixOf(paths), Float64Array.from(real), own, expected)
      },
    ),
    block_volatilities: compareCases(
      document.block_volatilities,
      ({ id }) => id,
      ({ paths, block_steps, expected }) => {
        const matrix = matrixOf(paths)
        const flat = blockVolatilities(matrix, block_steps)
        const perPath = flat.length / matrix.pathCount
        const rows = paths.map((_, row) => flat.subarray(row * perPath, (row + 1) * perPath))
        return firstDifference(rows, expected)
      },
    ),
  }
})

const scorer = new AnswerScorer()
const scoreByKernel = scorer.scoreTotal.bind(scorer)

function vectorOf(scored: ScoredAnswer): unknown {
  const { problem, stored, total } = scored
  if (problem !== null && typeof problem !== 'string') return { error: exceptionOf(problem) }
  const details =
    problem === null
      ? totalRowsOf(scored).map(({ name, crps, weight }) => [name, crps, weight])
      : [{ error: 'Zero price encountered in simulation runs' }]
  return { score: total, details, worker_score: stored.score }
}

function blocksOf(blocks: z.output<typeof volatilityBlocks>): PredictionRule['volatilityBlocks'] {
  return blocks.map(([name, seconds, weight]) => ({ name, seconds, weightNumerator: weight, weightDenominator: 1 }))
}

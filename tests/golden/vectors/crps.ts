import { z } from 'zod'
import { type PathMatrix, scoreAnswer } from '#core/scoring/crps'
import { ScoringError } from '#core/scoring/score-plan'
import { type PredictionRule, scorePrediction } from '#core/scoring/score-prediction'
import { uniforms, walkPaths } from '#tests/support/walk-v1'
import { firstDifference } from './compare.ts'
import {
  exceptionOf,
  intervalsOf,
  matrixOf,
  promptScoring,
  realPathOf,
  realRecipe,
  recipeSchema,
  sumPresent,
} from './paths.ts'
import { compareCases, defineSuite, expectedNumber, vectorNumber } from './suite.ts'

const zeroPriceRow = z.tuple([z.strictObject({ error: z.string() })])
const expectedScore = z.union([
  z.strictObject({
    score: expectedNumber,
    details: z.union([
      z.array(z.tuple([z.string(), z.union([z.number(), z.literal('Total')]), expectedNumber])),
      zeroPriceRow,
    ]),
  }),
  z.strictObject({ error: z.string() }),
])
const worker = z.strictObject({ score: expectedNumber, failed: z.boolean() })
const expectations = { expected: expectedScore, worker, worker_float32: worker.optional() }
const prompt = z.enum(['low', 'high'])

const recipeFile = z.strictObject({
  spec: z.literal('walk-v1'),
  prng_check: z.strictObject({
    seed: z.string(),
    uniforms: z.array(z.number()),
    walk: recipeSchema.extend({ expected: z.array(z.array(z.number())) }),
  }),
  cases: z.array(
    z.strictObject({
      id: z.string(),
      prompt,
      asset: z.string(),
      recipe: z.strictObject({ sim: recipeSchema, real: realRecipe }),
      check: z.strictObject({
        sim_first_path_last: z.number(),
        sim_last_path_last: z.number(),
        real_sum_present: z.number(),
      }),
      ...expectations,
    }),
  ),
})

const rawFile = z.strictObject({
  cases: z.array(
    z.strictObject({
      id: z.string(),
      prompt,
      time_increment: z.number(),
      scoring_intervals: z.record(z.string(), z.number()).optional(),
      paths: z.array(z.array(vectorNumber)),
      real: z.array(vectorNumber),
      ...expectations,
    }),
  ),
})

type Expectations = z.output<z.ZodObject<typeof expectations>>

export const crpsRecipe = defineSuite(recipeFile, ({ prng_check, cases }) => ({
  prng_check: compareCases(
    [prng_check],
    () => 'generator',
    ({ seed, uniforms: expected, walk }) => {
      const draw = uniforms(seed)
      const { expected: expectedWalk, ...recipe } = walk
      const paths = walkPaths(recipe)
      const rows = Array.from({ length: paths.pathCount }, (_, row) =>
        paths.values.subarray(row * paths.pointCount, (row + 1) * paths.pointCount),
      )
      return firstDifference([expected.map(draw), rows], [expected, expectedWalk])
    },
  ),
  cases: compareCases(
    cases,
    ({ id }) => id,
    (item) => {
      const paths = walkPaths(item.recipe.sim)
      const real = realPathOf(item.recipe.real)
      const check = {
        sim_first_path_last: paths.values[paths.pointCount - 1],
        sim_last_path_last: paths.values[paths.values.length - 1],
        real_sum_present: sumPresent(real),
      }
      const { incrementSeconds, intervals } = promptScoring(item.prompt)
      return firstDifference(check, item.check) ?? scoreDifference(paths, real, { incrementSeconds, intervals }, item)
    },
  ),
}))

export const crpsRaw = defineSuite(rawFile, ({ cases }) => ({
  cases: compareCases(
    cases,
    ({ id }) => id,
    (item) => {
      const intervals =
        item.scoring_intervals === undefined
          ? promptScoring(item.prompt).intervals
          : intervalsOf(Object.entries(item.scoring_intervals))
      const scoring = { incrementSeconds: item.time_increment, intervals }
      return scoreDifference(matrixOf(item.paths), Float64Array.from(item.real), scoring, item)
    },
  ),
}))

function scoreDifference(
  paths: PathMatrix,
  real: Float64Array,
  scoring: Pick<PredictionRule, 'incrementSeconds' | 'intervals'>,
  { expected, worker: expectedWorker, worker_float32 }: Expectations,
): string | null {
  const options = { ...scoring, gapMode: 'firstChange', detail: 'increments' } as const
  const rule: PredictionRule = {
    ...options,
    totalScore: 'price',
    volatilityBlocks: [],
    nonFinite: 'nanOnly',
    rounding: 'float64',
  }
  const workerOf = (rounding: 'float64' | 'float32') => {
    const { stored } = scorePrediction(paths, real, { ...rule, rounding })
    return { score: stored.score, failed: stored.isFailed }
  }
  return (
    firstDifference(
      plainScore(() => scoreAnswer(paths, real, options)),
      expected,
      {},
      'score',
    ) ??
    firstDifference(workerOf('float64'), expectedWorker, {}, 'worker') ??
    (worker_float32 === undefined ? null : firstDifference(workerOf('float32'), worker_float32, {}, 'worker_float32'))
  )
}

function plainScore(score: () => ReturnType<typeof scoreAnswer>): unknown {
  try {
    const answer = score()
    if (answer.failure === null) return { score: answer.score, details: answer.details }
    return { score: answer.score, details: [{ error: 'Zero price encountered in simulation runs' }] }
  } catch (error) {
    if (error instanceof ScoringError) return { error: exceptionOf(error) }
    throw error
  }
}

import { z } from 'zod'
import { type Horizon, horizons } from '#core/synth/prompts/horizon'
import type { StorageRounding } from '#core/synth/regimes/regime'
import type { AnswerScore } from '#core/synth/scoring/answer-score'
import { AnswerScorer } from '#core/synth/scoring/answer-scorer'
import { type PathMatrix, scoreAnswer } from '#core/synth/scoring/crps'
import { ScoringError } from '#core/synth/scoring/score-plan'
import { type PredictionRule, scorePrediction } from '#core/synth/scoring/score-prediction'
import { scoreTotalPlainly } from '#core/synth/scoring/total-score'
import { uniforms, walkPaths } from '#tests/support/walk-v1'
import { firstDifference } from './compare.ts'
import { competitionOf, vectorRegimes } from './known-regimes.ts'
import { exceptionOf, intervalsOf, matrixOf, realPathOf, realRecipe, recipeSchema, sumPresent } from './paths.ts'
import { caseList, compareCases, defineSuite, expectedNumber, vectorNumber } from './suite.ts'

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
const prompt = z.enum(horizons)

const recipeFile = z.strictObject({
  spec: z.literal('walk-v1'),
  prng_check: z.strictObject({
    seed: z.string(),
    uniforms: z.array(z.number()),
    walk: recipeSchema.extend({ expected: z.array(z.array(z.number())) }),
  }),
  cases: caseList(
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
  cases: caseList(
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
      const { stepSeconds, intervals } = promptScoring(item.prompt)
      return firstDifference(check, item.check) ?? scoreDifference(paths, real, { stepSeconds, intervals }, item)
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
      const scoring = { stepSeconds: item.time_increment, intervals }
      return scoreDifference(matrixOf(item.paths), Float64Array.from(item.real), scoring, item)
    },
  ),
}))

const scorer = new AnswerScorer()
/** Every vector goes through both: the reference that is written to be read, and the compiled kernel. */
const implementations = [
  { name: 'reference', scoreAnswer, scoreTotal: scoreTotalPlainly },
  {
    name: 'kernel',
    scoreAnswer: scorer.scoreAnswer.bind(scorer),
    scoreTotal: scorer.scoreTotal.bind(scorer),
  },
]
type Implementation = (typeof implementations)[number]
type Scoring = Pick<PredictionRule, 'stepSeconds' | 'intervals'>

function scoreDifference(
  paths: PathMatrix,
  real: Float64Array,
  scoring: Scoring,
  expectations: Expectations,
): string | null {
  for (const implementation of implementations) {
    const difference = implementationDifference(implementation, paths, real, scoring, expectations)
    if (difference !== null) return `${implementation.name}: ${difference}`
  }
  return null
}

function implementationDifference(
  { scoreAnswer: score, scoreTotal }: Implementation,
  paths: PathMatrix,
  real: Float64Array,
  scoring: Scoring,
  { expected, worker: expectedWorker, worker_float32 }: Expectations,
): string | null {
  const { gapMode, totalScore, nonFinite } = vectorRegimes.may
  const options = { ...scoring, gapMode, detail: 'increments' } as const
  const workerOf = (rounding: StorageRounding) => {
    const rule = { ...options, totalScore, volatilityBlocks: [], nonFinite, rounding }
    const { stored } = scorePrediction(paths, real, rule, scoreTotal)
    return { score: stored.score, failed: stored.isFailed }
  }
  return (
    firstDifference(
      plainScore(() => score(paths, real, options)),
      expected,
      {},
      'score',
    ) ??
    firstDifference(workerOf('float64'), expectedWorker, {}, 'worker') ??
    (worker_float32 === undefined ? null : firstDifference(workerOf('float32'), worker_float32, {}, 'worker_float32'))
  )
}

function promptScoring(prompt: Horizon): Scoring {
  const { timeIncrementSeconds: stepSeconds, intervals } = competitionOf(vectorRegimes.may, prompt)
  return { stepSeconds, intervals }
}

function plainScore(score: () => AnswerScore): unknown {
  try {
    const answer = score()
    if (answer.failure === null) return { score: answer.score, details: answer.details }
    return { score: answer.score, details: [{ error: 'Zero price encountered in simulation runs' }] }
  } catch (error) {
    if (error instanceof ScoringError) return { error: exceptionOf(error) }
    throw error
  }
}

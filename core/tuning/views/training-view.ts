import { z } from 'zod'
import type { Printed } from '#core/base/cli/write-json'
import { Count, Instant } from '#core/base/json/shape-parts'
import { formatInstant } from '#core/synth/regimes/instant'
import { type TrainingMetric, type TrainingRun, trainingStates } from '../training/training-runs.ts'

/** What is shown of trainings. */

const MeanScoreShape = z.strictObject({
  mean: z.number(),
  low: z.number().nullable().describe('null with too few days to tell; 95 %'),
  high: z.number().nullable(),
})

const ComparisonShape = z.strictObject({
  part: z.enum(['test', 'validation']).describe('validation only where the recipe keeps no test part'),
  windows: Count,
  model: MeanScoreShape.describe("by the validator's rules, 1,000 paths for each window; lower is better"),
  calibrated: MeanScoreShape.describe('the calibrated model, fitted on the training part, on the same windows'),
  difference: MeanScoreShape.describe('model less calibrated, window by window: below zero it is better'),
})

export const RunShape = z.strictObject({
  id: z.int(),
  recipe: z.string(),
  recipeHash: z.string(),
  seed: z.int(),
  fold: z.int().nullable().describe('from 0; null: the one cut of the recipe'),
  codeVersion: z.string(),
  data: z.strictObject({ hash: z.string(), from: Instant, to: Instant }),
  state: z.enum([...trainingStates, 'interrupted']).describe('interrupted: its process is gone, and nothing was said'),
  reason: z.string().nullable(),
  started: Instant,
  ended: Instant.nullable(),
  step: Count,
  steps: Count,
  bestStep: z.int().nullable(),
  bestLoss: z.number().nullable(),
  artefact: z.string().nullable().describe('folder of the finished model'),
  comparison: ComparisonShape.nullable(),
})

const MetricShape = z.strictObject({
  step: Count,
  trainingLoss: z.number(),
  validationLoss: z.number().nullable(),
  learningRate: z.number(),
  gradientLength: z.number(),
})

export const TrainShape = z.strictObject({
  runs: z.array(RunShape),
  leftOut: z.array(z.string()).describe('why windows of the data were left out'),
  uncompared: z.string().nullable().describe('why there is no comparison'),
})

export const RunsListShape = z.strictObject({ runs: z.array(RunShape).describe('the newest last') })

export const RunsShowShape = z.strictObject({
  run: RunShape,
  recipe: z.string().describe('YAML with every default filled in'),
  metrics: z.array(MetricShape),
})

export const RunsCompareShape = z.strictObject({
  runs: z.array(RunShape),
  isSameData: z.boolean().describe('losses and scores can be compared only then'),
  settings: z
    .array(
      z.strictObject({ path: z.string(), values: z.array(z.json()).describe('in the order of the runs; null: unset') }),
    )
    .describe('of the recipes, where they differ'),
})

export type IsGone = (owner: string) => boolean

export function viewRun(run: TrainingRun, isGone: IsGone): Printed<z.input<typeof RunShape>> {
  const { id, recipeName, recipeHash, seed, codeVersion, state, owner, step, steps } = run
  return {
    ...{ id, recipe: recipeName, recipeHash, seed, fold: run.fold ?? null, codeVersion },
    data: { hash: run.dataHash, from: formatInstant(run.dataFromMs), to: formatInstant(run.dataToMs) },
    state: state === 'running' && isGone(owner) ? 'interrupted' : state,
    reason: run.reason ?? null,
    started: formatInstant(run.startedAtMs),
    ended: run.endedAtMs === undefined ? null : formatInstant(run.endedAtMs),
    ...{ step, steps, bestStep: run.bestStep ?? null, bestLoss: run.bestLoss ?? null },
    ...{ artefact: run.artefact ?? null, comparison: run.comparison ?? null },
  }
}

export function viewMetric(metric: TrainingMetric): Printed<z.input<typeof MetricShape>> {
  return { ...metric, validationLoss: metric.validationLoss ?? null }
}

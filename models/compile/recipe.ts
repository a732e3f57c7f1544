import { z } from 'zod'
import { horizons } from '#core/synth/prompts/horizon'
import type { BlockChoice } from '#models/graph/scope'
import type { Components } from '#models/registry/discover'
import { dataConfigSchema } from './data-config.ts'
import { splitConfigSchema } from './split-config.ts'
import { trainingConfigSchema } from './training-config.ts'

/**
 * A feature as manifests name it, without mean and deviation: these are fitted on the training data. Its settings are
 * checked by its own schema at their place.
 */
const feature = z.looseObject({ kind: z.string() })
export type RecipeFeature = z.output<typeof feature>

/** A component by its registered name; the other keys are its settings, checked by its own schema at their place. */
const choice = z.looseObject({ use: z.string() })

export const poolings = ['last', 'mean', 'max'] as const
export type Pooling = (typeof poolings)[number]

export const recipeSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'small letters, digits and dashes')
    .describe('the name of the model'),
  description: z.string().max(500).default(''),
  assets: z.array(z.string().min(1).max(32)).min(1).max(256),
  horizon: z.enum(horizons).describe('low: prompts longer than an hour, high: those of at most an hour'),
  grid: z.strictObject({ stepSeconds: z.int().positive(), steps: z.int().min(1).max(1_440) }),
  data: dataConfigSchema.describe('where the minutes come from'),
  inputs: z.strictObject({
    rows: z.int().min(1).max(4_096).describe('how many steps of the past the model sees'),
    stepSeconds: z.int().positive().multipleOf(60),
    past: z.array(feature).min(1).max(64),
    ahead: z.array(feature).max(64).default([]),
    baseline: z.boolean().default(false).describe('whether the calibrated forecast comes in'),
  }),
  model: z.strictObject({
    width: z.int().min(1).max(4_096),
    insertLayerNorm: z.boolean().default(false).describe('a layer norm behind each block'),
    skipInputProjection: z.boolean().default(false).describe('the features are the width'),
    revin: z.boolean().default(false).describe('normalise each window, and give its scale back to the forecast'),
    blocks: z.array(choice).min(1, 'The list of blocks is empty'),
    pooling: z.enum(poolings).default('last'),
    head: choice,
  }),
  loss: choice,
  training: trainingConfigSchema.prefault({}),
  split: splitConfigSchema.prefault({}),
  seed: z.int().min(0).default(1),
})

export type RecipeSettings = z.output<typeof recipeSchema>

/** A recipe of which every setting is known and checked, with the components that it can name. */
export interface Recipe extends RecipeSettings {
  readonly components: Components
}

/** What a person has to change. */
export interface Problem {
  /** Dotted: `model.blocks.1.heads`. */
  readonly path: string
  readonly file?: string
  readonly line?: number
  readonly sentence: string
}

/** What a choice sets, without its name. */
export function settingsOf({ use: _use, ...settings }: BlockChoice): Record<string, unknown> {
  return settings
}

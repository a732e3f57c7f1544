import { z } from 'zod'

/** The section `training` of a recipe. */
export const trainingConfigSchema = z.strictObject({
  batch: z.int().min(1).max(65_536).default(32).describe('windows of one step'),
  steps: z.int().min(1).max(10_000_000).default(2_000).describe('most steps; early stopping may end it before'),
  learningRate: z.number().positive().max(10).default(0.001),
  schedule: z
    .enum(['cosine', 'constant'])
    .default('cosine')
    .describe('cosine: the learning rate falls to finalRate of its height'),
  warmUp: z.int().min(0).default(50).describe('steps in which the learning rate rises from zero'),
  finalRate: z.number().min(0).max(1).default(0.02).describe('share of the learning rate at the last step'),
  weightDecay: z.number().min(0).max(1).default(0.01).describe('of weights; biases, norms and gates keep their size'),
  clip: z.number().positive().nullable().default(1).describe('longest gradient; null: any'),
  betas: z.tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)]).default([0.9, 0.999]),
  epsilon: z.number().positive().default(1e-8),
  ema: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe('decay of the running mean of the weights, which is validated and kept; 0: the weights themselves'),
  evaluateEvery: z.int().min(1).default(100).describe('steps between two looks at the validation windows'),
  patience: z.int().min(0).default(10).describe('looks without a better validation loss before it stops; 0: never'),
  checkpointEvery: z.int().min(1).default(500).describe('steps between two checkpoints'),
})

export type TrainingConfig = z.output<typeof trainingConfigSchema>

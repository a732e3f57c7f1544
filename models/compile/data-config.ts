import { z } from 'zod'

const folder = {
  folder: z.string().min(1).describe('holds NAME and an ending for one-minute bars, NAME_5m for five minutes'),
  stepSeconds: z.int().positive().multipleOf(60).default(60).describe('length of a bar'),
  gaps: z.enum(['error', 'skip']).default('error').describe('skip: leave out the windows across missing bars'),
}

const csv = z.strictObject({ use: z.literal('csv'), ...folder })

const parquet = z.strictObject({ use: z.literal('parquet'), ...folder })

const minutes = z.strictObject({ use: z.literal('minutes') })

const mock = z.strictObject({
  use: z.literal('mock'),
  seed: z.int().min(0).default(1),
  days: z.int().min(1).max(2_000).default(60),
  stepSeconds: z.int().positive().multipleOf(60).default(60).describe('length of a bar'),
  dayVolatility: z.number().positive().default(0.03).describe('standard deviation of a day, where it is usual'),
  daySwing: z.number().min(0).default(0.5).describe('how far the log-volatility swings over the day'),
  regimeHours: z.number().positive().default(36).describe('half-life of the slow part of the log-volatility'),
  regimeLogSd: z.number().min(0).default(0.4).describe('standard deviation of that part'),
})

/** The section `data` of a recipe; models/data/sources holds what each of them does. */
export const dataConfigSchema = z.discriminatedUnion('use', [csv, parquet, minutes, mock])

export type DataConfig = z.output<typeof dataConfigSchema>
export type DataConfigOf<Use extends DataConfig['use']> = Extract<DataConfig, { use: Use }>

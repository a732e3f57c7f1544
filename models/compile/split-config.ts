import { z } from 'zod'

const share = (what: string) => z.number().min(0).max(0.8).describe(what)
const embargo = z
  .int()
  .positive()
  .optional()
  .describe(
    'minutes between the last start of a part and the first of the next; at least input and forecast, which is the default',
  )
const test = share('share of the windows at the end that only the last comparison reads').default(0.15)

const windows = {
  strideMinutes: z
    .int()
    .positive()
    .optional()
    .describe('minutes between two windows; if absent, as long as the forecast and a little more'),
  largestUnknownShare: z.number().min(0).max(1).default(0.2).describe('of the minutes that a window looks back over'),
  largestUnknownTargetShare: z.number().min(0).max(1).default(0.2).describe('of the steps that it forecasts'),
}

const holdout = z.strictObject({
  use: z.literal('holdout').optional(),
  validation: share('share of the windows that early stopping reads').default(0.15),
  test,
  embargoMinutes: embargo,
  ...windows,
})

const walkForward = z.strictObject({
  use: z.literal('walkForward'),
  folds: z.int().min(1).max(100).default(5),
  validationDays: z.number().positive().default(7).describe('length of the validation part of each fold'),
  trainDays: z.number().positive().optional().describe('length of the training part; everything before if absent'),
  test,
  embargoMinutes: embargo,
  ...windows,
})

/** The section `split` of a recipe: always by time. */
export const splitConfigSchema = z.discriminatedUnion('use', [holdout, walkForward])

export type SplitConfig = z.output<typeof splitConfigSchema>

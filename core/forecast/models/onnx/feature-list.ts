import { z } from 'zod'

/** Every feature becomes `(value - mean) / sd` and is then limited to `clip` deviations. */
const normalisation = {
  mean: z.number().default(0),
  sd: z.number().positive().default(1),
  clip: z.number().positive().optional(),
}
const clock = z.enum(['utc', 'newYork']).default('newYork')
const largestMinutes = 43_200

/** Known for any instant, so also for the steps ahead: computed at the middle of the step. */
export const timeFeatureSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('daySin'), clock, ...normalisation }),
  z.strictObject({ kind: z.literal('dayCos'), clock, ...normalisation }),
  z.strictObject({ kind: z.literal('weekSin'), clock, ...normalisation }),
  z.strictObject({ kind: z.literal('weekCos'), clock, ...normalisation }),
  /** 1 on Saturday and Sunday. */
  z.strictObject({ kind: z.literal('isWeekend'), clock, ...normalisation }),
])

/** Made from one-minute closes only. models/README.md defines each exactly. */
export const pastFeatureSchema = z.discriminatedUnion('kind', [
  /** Log of the close over the close one step before. */
  z.strictObject({ kind: z.literal('logReturn'), ...normalisation }),
  z.strictObject({ kind: z.literal('absLogReturn'), ...normalisation }),
  /** Log of the mean squared one-minute log-return of the last `minutes`. */
  z.strictObject({
    kind: z.literal('logRealizedVariance'),
    minutes: z.int().min(1).max(largestMinutes),
    ...normalisation,
  }),
  /** Log of the close over the last close of the window. */
  z.strictObject({ kind: z.literal('logPriceToLast'), ...normalisation }),
  /** Share of the step's minutes that have a close. */
  z.strictObject({ kind: z.literal('knownShare'), ...normalisation }),
  ...timeFeatureSchema.options,
])

export type TimeFeature = z.output<typeof timeFeatureSchema>
export type PastFeature = z.output<typeof pastFeatureSchema>

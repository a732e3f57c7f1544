import { z } from 'zod'

/** The section `retention` of the daemon. */
export const retentionConfigFields = {
  retention: z
    .strictObject({
      fieldDays: z
        .int()
        // The diagnosis page of 30 days ranks our scores in it.
        .min(31)
        .max(3_650)
        .default(90)
        .describe("The field's scores of prompts that ended before this are deleted"),
      realisedPathDays: z
        .int()
        .min(8)
        .max(3_650)
        .default(90)
        .describe('Realised paths that ended before this are deleted, but for those of a prediction on record'),
      cron: z
        .string()
        .min(1)
        .default('23 * * * *')
        .describe('When both are thinned, and the prices of scored predictions (cron, UTC)'),
    })
    .prefault({}),
}

const RetentionSection = z.strictObject(retentionConfigFields)

export type RetentionConfig = z.output<typeof RetentionSection>['retention']

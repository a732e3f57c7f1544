import { z } from 'zod'
import { Count, Instant } from '#core/base/json/shape-parts'
import { formatInstant } from '#core/synth/regimes/instant'
import type { FieldWindow } from '../shadow/field.ts'
import type { WeightVerification } from '../shadow/verify-weights.ts'
import type { Shown } from './view-parts.ts'

const weight = () => z.number().nullable().describe('null: there is none')

export const ShadowVerifyShape = z.strictObject({
  from: Instant,
  to: Instant,
  competitions: z.array(
    z.strictObject({
      label: z.string(),
      updates: Count.describe('compared'),
      equalUpdates: Count,
      skipped: Count.describe('public scores of their windows are not stored'),
      weights: Count,
      equalWeights: Count,
      largestDifference: z.number(),
      first: z
        .strictObject({
          updatedAt: Instant,
          uid: z.int(),
          published: weight(),
          ours: weight(),
          publishedSmoothed: weight(),
          ourSmoothed: weight(),
        })
        .nullable()
        .describe('the first difference; the exit code is then 1'),
    }),
  ),
})

export function viewVerified(
  { fromMs, toMs }: FieldWindow,
  verified: readonly WeightVerification[],
): Shown<typeof ShadowVerifyShape> {
  return {
    ...{ from: formatInstant(fromMs), to: formatInstant(toMs) },
    competitions: verified.map(({ first, ...one }) => ({
      ...one,
      first:
        first === undefined
          ? null
          : {
              ...{ updatedAt: formatInstant(first.updatedAtMs), uid: first.uid },
              ...{ published: first.published ?? null, ours: first.ours ?? null },
              ...{ publishedSmoothed: first.publishedSmoothed ?? null, ourSmoothed: first.ourSmoothed ?? null },
            },
    })),
  }
}

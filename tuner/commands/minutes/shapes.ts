import { z } from 'zod'
import { Count, Instant } from '#core/base/json/shape-parts'
import { minuteOrigins } from '#core/market/minutes/minute-store'
import { venueIds } from '#core/market/venues/venue'

const series = { asset: z.string(), venue: z.enum(venueIds), symbol: z.string() }

export const MinutesStatusShape = z.strictObject({
  from: Instant,
  to: Instant,
  series: z.array(
    z.strictObject({
      ...series,
      isScored: z.boolean().describe('false: stored, but not what the asset is scored from now'),
      closes: Count.describe('minutes of the period with a close'),
      gaps: Count.describe('minutes without a trade'),
      unknown: Count.describe('minutes for which the venue has not answered'),
      lastClose: Instant.nullable(),
      conflicts: Count.describe('later closes that differed and were not used'),
      holes: z
        .array(z.strictObject({ kind: z.enum(['unknown', 'gap']), from: Instant, to: Instant, minutes: Count }))
        .describe('stretches that are not known; with --gaps also those without a trade'),
      ranges: z
        .array(
          z.strictObject({
            origin: z.enum(minuteOrigins),
            detail: z.string(),
            closes: Count,
            gaps: Count,
            conflicts: Count,
            from: Instant,
            to: Instant,
            firstWrittenAt: Instant,
            lastWrittenAt: Instant,
          }),
        )
        .describe('where the minutes came from, and when; for everything that is stored'),
    }),
  ),
})

export const BackfillShape = z.strictObject({
  series: z.array(
    z.strictObject({
      ...series,
      added: Count,
      gapsDeclared: Count.describe('minutes without a trade'),
      outOfReach: Count.describe('minutes that the venue no longer has'),
      unsettled: Count.describe('minutes that wait for a later candle'),
      failure: z.string().nullable().describe('why it stopped early; the exit code is then 75'),
    }),
  ),
})

export const ImportShape = z.strictObject({
  files: z.array(
    z.strictObject({
      file: z.string(),
      ...series,
      closes: Count,
      from: Instant.nullable().describe('null: it has no minutes'),
      to: Instant.nullable(),
      added: Count,
      gapsFilled: Count,
      unchanged: Count,
      gapsDeclared: Count,
      conflicts: Count.describe('differ from what is stored; used only with --replace'),
    }),
  ),
})

export const MinutesExportShape = z.strictObject({
  files: z.array(z.strictObject({ file: z.string(), ...series, rows: Count, from: Instant, to: Instant })),
})

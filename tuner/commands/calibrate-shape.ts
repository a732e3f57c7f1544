import { z } from 'zod'
import { Count, Instant } from '#core/base/json/shape-parts'
import { horizons } from '#core/synth/prompts/horizon'

const grid = z.enum(horizons).describe('low: a day, high: an hour')

export const CalibrateShape = z.strictObject({
  files: z.array(
    z.strictObject({
      file: z.string(),
      asset: z.string(),
      grid,
      prices: Count,
      until: Instant,
      rmsFactor: z.number(),
      stepLogSd: z.number(),
    }),
  ),
  leftOut: z.array(z.strictObject({ asset: z.string(), grid, reason: z.string() })),
  refusedPriors: z
    .array(z.strictObject({ file: z.string(), reason: z.string() }))
    .describe('parameter files to start from that cannot be used'),
})

import { z } from 'zod'
import { sharedSections } from '#core/tuning/settings/shared-sections'

export const TunerConfig = z.strictObject({
  ...sharedSections,
  shadow: z
    .strictObject({
      realisedShare: z
        .number()
        .gt(0)
        .lte(2)
        .default(0.6935)
        .describe('What a miner really earned, divided by weight times pool, as you last measured it'),
      realisedShareOn: z.iso
        .date()
        .default('2026-07-06')
        .describe("Day of that measurement. The default is the subnet team's, from before the owner's half went"),
    })
    .prefault({}),
})

export type TunerConfig = z.output<typeof TunerConfig>

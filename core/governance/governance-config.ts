import { z } from 'zod'

const limits = z.strictObject({
  min: z.number().optional(),
  max: z.number().optional(),
  step: z.number().positive().optional(),
})

/** The section `governance`, which both programs read. */
export const governanceConfigFields = {
  mode: z
    .enum(['perAsset', 'perParameter'])
    .default('perAsset')
    .describe('What the 30 days between two changes count for: the whole asset, or each parameter of it'),
  autoRevert: z
    .boolean()
    .default(false)
    .describe('The miner undoes a change by itself when it scores worse, beyond chance, than the value before'),
  autoPropose: z
    .boolean()
    .default(false)
    .describe('The miner proposes changes by itself: one asset at a time, and only with a proven gain'),
  limits: z
    .record(z.string(), z.record(z.string(), limits))
    .default({})
    .describe('Bounds and steps of your own: {"BTC": {"lambda": {"min": 0.9, "step": 0.005}}}'),
}

export type GovernanceConfig = z.output<z.ZodObject<typeof governanceConfigFields>>

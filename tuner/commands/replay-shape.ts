import { z } from 'zod'
import { Count } from '#core/base/json/shape-parts'
import { PairedComparison } from '#core/tuning/governance/paired-comparison'

const group = {
  reason: z.string(),
  message: z.string(),
  count: Count,
  assets: z.array(z.string()),
  examples: z.array(z.string()).describe('the first few, by id'),
}

const Replay = z.strictObject({
  model: z.string().describe('"served", or a model with all its numbers'),
  regime: z.string().nullable().describe('null: the rules of each date'),
  listed: Count.describe('predictions of the request in the journal'),
  unsettled: Count,
  known: Count.describe('had their score, or their problem, before this run'),
  scored: Count.describe('by this run'),
  left: Count.describe('not reached; above 0 the exit code is 75'),
  waiting: z.array(z.strictObject(group)).describe('final, but the real prices are not available now'),
  problems: z
    .array(z.strictObject({ ...group, fresh: Count.describe('of them in this run') }))
    .describe('final, and permanently without a score'),
  failures: z.array(z.strictObject({ asset: z.string(), day: z.iso.date(), reason: z.string() })),
  totals: z.array(
    z.strictObject({
      asset: z.string(),
      competition: z.string().describe('empty if the rules do not score the prompt'),
      timeLengthSeconds: z.int(),
      scored: Count,
      problems: Count,
      total: z.number().nullable().describe('means over the scored ones'),
      pricePart: z.number().nullable(),
      volatilityPart: z.number().nullable(),
    }),
  ),
})

export const ReplayShape = z.strictObject({
  database: z.string().describe('the file that was read'),
  kept: Count.describe('predictions in its journal, of all times and assets'),
  replays: z.array(Replay).describe('of --model, then of --compare'),
  comparisons: z
    .array(
      z.strictObject({
        asset: z.string(),
        timeLengthSeconds: z.int(),
        comparison: PairedComparison.nullable().describe('null: no prompt has a score of both'),
        unpaired: Count.describe('prompts that only one of the two could score'),
      }),
    )
    .nullable()
    .describe('null without --compare'),
})

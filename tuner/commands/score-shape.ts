import { z } from 'zod'
import { Count } from '#core/base/json/shape-parts'

export const ScoreShape = z.strictObject({
  asset: z
    .string()
    .nullable()
    .describe('null: neither the file nor --asset says it, and the rules are the same for all'),
  competition: z.string(),
  startTime: z.string(),
  timeLengthSeconds: z.int(),
  timeIncrementSeconds: z.int(),
  pathCount: Count,
  usualPathCount: Count.describe('what a validator asks for by these rules'),
  pointCount: Count,
  missingRealPrices: Count,
  regimes: z.strictObject({ answer: z.string(), score: z.string() }),
  otherCandidates: z.array(z.string()).describe('regimes that may be effective instead; empty when the date decides'),
  answerRule: z.string(),
  storage: z.enum(['float64', 'float32']),
  total: z.number().nullable().describe('null when it is not a number'),
  storedScore: z.number().describe('what the validator stores: -1 for a miss'),
  problem: z.string().nullable(),
  notes: z
    .array(z.string())
    .describe('what is unusual about the answer: another number of paths, a number that is no price'),
  rows: z.array(z.strictObject({ name: z.string(), crps: z.number().nullable(), weight: z.number().nullable() })),
})

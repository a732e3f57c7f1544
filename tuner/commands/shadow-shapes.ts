import { z } from 'zod'
import { Count, Figure, Instant } from '#core/base/json/shape-parts'

export const ShadowFetchShape = z.strictObject({
  fetched: z.array(
    z.strictObject({
      asset: z.string(),
      timeLengthSeconds: z.int(),
      prompts: Count,
      refusedRows: Count.describe('lines that cannot be read'),
      failed: z
        .array(z.strictObject({ from: Instant, to: Instant, reason: z.string() }))
        .describe('stretches that could not be fetched; the exit code is then 75'),
    }),
  ),
})

export const ShadowReportShape = z.strictObject({
  from: Instant,
  to: Instant,
  model: z.string(),
  competitions: z.array(
    z.strictObject({
      key: z.string(),
      label: z.string(),
      windowDays: z.number(),
      beta: z.number(),
      coefficient: z.number().describe('share of what miners get that it hands out'),
      assets: z.array(
        z.strictObject({
          asset: z.string(),
          prompts: Count,
          answered: Count,
          medianRank: Figure.describe('null: nothing was answered'),
          miners: Count,
          gapToBest: Figure.describe('means over the answered prompts, in the unit of the score'),
          gapToMedian: Figure,
          aheadOfMedian: Figure.describe('share of the answered prompts'),
        }),
      ),
      weights: z
        .array(
          z.strictObject({
            updateAt: Instant,
            prompts: Count,
            answered: Count,
            missed: Count,
            unrecorded: Count.describe('not in the journal, and left out'),
            backfilled: Count,
            smoothedScore: z.number().nullable().describe('null with the weight 0: the softmax left nothing'),
            rank: Count.nullable(),
            miners: Count,
            bestSmoothed: Figure,
            medianSmoothed: Figure,
            weight: z.number().describe('of all that miners get'),
          }),
        )
        .describe('one a day; the last is now'),
    }),
  ),
  weight: z.number().describe('of all that miners get, now; with or without external competitions as asked for'),
  external: z
    .array(z.strictObject({ label: z.string(), share: z.number() }))
    .describe('competitions that are scored elsewhere, and their share where validators blend them in'),
  weightWithExternal: z.number(),
  weightWithoutExternal: z.number(),
  changedHands: Count.nullable().describe('uids within the windows; null: nothing tells'),
  problems: z.array(z.string()),
  gaps: z.array(z.string()).describe('public scores that are not stored'),
})

const Prompt = z
  .strictObject({ asset: z.string(), timeLengthSeconds: z.int(), scoredAt: Instant })
  .meta({ id: 'ScoredPrompt' })
const Rule = z
  .strictObject({ clip: z.string(), fill: z.string(), regimeIds: z.array(z.string()) })
  .meta({ id: 'PromptScoreRule' })

const Alarm = z
  .strictObject({
    prompt: Prompt,
    explainedBy: z.array(Rule).describe('empty: by no rule that is known'),
    mismatches: z.array(
      z.strictObject({
        rule: Rule,
        misses: Count.describe('lines of misses that the rule does not explain'),
        answers: Count.describe('lines of answers that it does not explain'),
        published: z.number().describe('of the first such line'),
        expected: z.number(),
      }),
    ),
  })
  .meta({ id: 'RuleAlarm' })

export const ShadowWatchShape = z.strictObject({
  rules: z.strictObject({
    prompts: Count,
    asExpected: Count.describe('explained by the rule of their date'),
    otherRule: z.array(Alarm).describe('explained only by a rule of another date; the exit code is then 1'),
    unexplained: z.array(Alarm).describe('explained by no rule; the exit code is then 1'),
  }),
  own: z
    .strictObject({
      compared: Count,
      equal: Count,
      different: z.array(
        z.strictObject({ prompt: Prompt, published: z.number(), replayed: z.number(), relative: z.number() }),
      ),
    })
    .nullable()
    .describe('null without --uid'),
})

export const ShadowEarningsShape = z.strictObject({
  emissionFactor: z.number().describe('realised emission over what the weights say'),
  days: z.array(z.strictObject({ day: z.iso.date(), poolUsd: z.number(), weight: z.number(), usd: z.number() })),
})

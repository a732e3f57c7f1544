import { z } from 'zod'
import { Count, Instant } from '#core/base/json/shape-parts'
import { describeClip } from '#core/synth/regimes/describe-clip'
import { formatInstant } from '#core/synth/regimes/instant'
import type { KnownPromptScoreRule } from '../shadow/recognise.ts'
import type { RuleAlarm } from '../shadow/rule-watch.ts'
import type { FieldWatch } from '../shadow/watch-field.ts'
import type { Shown } from './view-parts.ts'

const Prompt = z
  .strictObject({ asset: z.string(), timeLengthSeconds: z.int(), scoredAt: Instant })
  .meta({ id: 'ScoredPrompt' })
const Rule = z
  .strictObject({ clip: z.string(), fill: z.string(), regimeIds: z.array(z.string()) })
  .meta({ id: 'PromptScoreRule' })

const Alarm = z
  .strictObject({
    prompt: Prompt,
    explainedBy: z.array(Rule).describe('empty: by no known rule'),
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

export function viewWatch({ rules, own }: Pick<FieldWatch, 'rules' | 'own'>): Shown<typeof ShadowWatchShape> {
  const { otherRule, unexplained, ...counts } = rules
  return {
    rules: { ...counts, otherRule: otherRule.map(viewAlarm), unexplained: unexplained.map(viewAlarm) },
    own:
      own === undefined
        ? null
        : {
            ...own,
            different: own.different.map(({ prompt, ...pair }) => ({ prompt: viewPrompt(prompt), ...pair })),
          },
  }
}

function viewAlarm({ prompt, recognition }: RuleAlarm) {
  return {
    prompt: viewPrompt(prompt),
    explainedBy: recognition.rules.map(viewRule),
    mismatches: recognition.mismatches.map(({ rule, misses, answers, first }) => ({
      ...{ rule: viewRule(rule), misses, answers },
      ...{ published: first.published, expected: first.expected },
    })),
  }
}

function viewPrompt({ asset, timeLengthSeconds, scoredAtMs }: RuleAlarm['prompt']) {
  return { asset, timeLengthSeconds, scoredAt: formatInstant(scoredAtMs) }
}

function viewRule({ clip, fill, regimeIds }: KnownPromptScoreRule) {
  return { clip: describeClip(clip), fill, regimeIds }
}

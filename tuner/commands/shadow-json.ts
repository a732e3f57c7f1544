import { formatInstant } from '#core/synth/regimes/instant'
import type { FetchFieldOutcome } from '#core/tuning/shadow/fetch-field'
import type { KnownPromptScoreRule } from '#core/tuning/shadow/recognise'
import type { OwnWatch, RuleAlarm, RuleWatch } from '#core/tuning/shadow/rule-watch'
import { describeClip } from './regimes-text.ts'
import type { BuiltReport } from './shadow-text.ts'

export function fetchToJson({ kind, fetchedPrompts, refusedRows, failed }: FetchFieldOutcome) {
  const { asset, timeLengthSeconds } = kind
  return {
    ...{ asset, timeLengthSeconds, prompts: fetchedPrompts, refusedRows },
    failed: failed.map(({ fromMs, toMs, reason }) => ({
      from: formatInstant(fromMs),
      to: formatInstant(toMs),
      reason,
    })),
  }
}

export function reportToJson({ competitions, ...report }: BuiltReport) {
  return {
    ...report,
    competitions: competitions.map(({ weights, ...competition }) => ({
      ...competition,
      weights: weights.map(({ updateAtMs, smoothedScore, rank, ...weight }) => ({
        updateAt: formatInstant(updateAtMs),
        ...weight,
        smoothedScore: smoothedScore ?? null,
        rank: rank ?? null,
      })),
    })),
  }
}

export function watchToJson({ otherRule, unexplained, ...counts }: RuleWatch, own: OwnWatch | undefined) {
  return {
    rules: { ...counts, otherRule: otherRule.map(alarmToJson), unexplained: unexplained.map(alarmToJson) },
    own:
      own === undefined
        ? null
        : {
            ...own,
            different: own.different.map(({ prompt, ...pair }) => ({ prompt: promptToJson(prompt), ...pair })),
          },
  }
}

function alarmToJson({ prompt, recognition }: RuleAlarm) {
  return {
    prompt: promptToJson(prompt),
    explainedBy: recognition.rules.map(ruleToJson),
    mismatches: recognition.mismatches.map(({ rule, misses, answers, first }) => ({
      ...{ rule: ruleToJson(rule), misses, answers },
      ...{ published: first.published, expected: first.expected },
    })),
  }
}

function promptToJson({ asset, timeLengthSeconds, scoredAtMs }: RuleAlarm['prompt']) {
  return { asset, timeLengthSeconds, scoredAt: formatInstant(scoredAtMs) }
}

function ruleToJson({ clip, fill, regimeIds }: KnownPromptScoreRule) {
  return { clip: describeClip(clip), fill, regimeIds }
}

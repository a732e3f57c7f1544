import type { PromptScoreRule } from '#core/synth/regimes/regime'
import type { FieldPrompt } from './field.ts'
import { type KnownPromptScoreRule, type Recognition, recogniseRule } from './recognise.ts'

/** What the public scores say about the rule that made them. */
export interface RuleWatch {
  readonly prompts: number
  /** Explained by the rule of their date, alone or among others. */
  readonly asExpected: number
  /** Explained only by a rule of another date: an old rule came back, or a date in our table is wrong. */
  readonly otherRule: readonly RuleAlarm[]
  /** Not explained by any known rule: the rules changed. */
  readonly unexplained: readonly RuleAlarm[]
}

export interface RuleAlarm {
  readonly prompt: Pick<FieldPrompt, 'asset' | 'timeLengthSeconds' | 'scoredAtMs'>
  readonly recognition: Recognition
}

export function watchRules(
  prompts: readonly FieldPrompt[],
  known: readonly KnownPromptScoreRule[],
  ruleOfDate: (prompt: FieldPrompt) => PromptScoreRule,
): RuleWatch {
  const otherRule: RuleAlarm[] = []
  const unexplained: RuleAlarm[] = []
  for (const prompt of prompts) {
    const recognition = recogniseRule(prompt.miners, known)
    const expected = textOf(ruleOfDate(prompt))
    if (recognition.kind === 'none') unexplained.push({ prompt, recognition })
    else if (!recognition.rules.some((rule) => textOf(rule) === expected)) otherRule.push({ prompt, recognition })
  }
  return {
    prompts: prompts.length,
    asExpected: prompts.length - otherRule.length - unexplained.length,
    otherRule,
    unexplained,
  }
}

function textOf({ clip, fill }: PromptScoreRule): string {
  return JSON.stringify([clip, fill])
}

export interface OwnScorePair {
  readonly prompt: Pick<FieldPrompt, 'asset' | 'timeLengthSeconds' | 'scoredAtMs'>
  readonly published: number
  readonly replayed: number
}

export interface OwnWatch {
  readonly compared: number
  readonly equal: number
  readonly different: readonly (OwnScorePair & { readonly relative: number })[]
}

/** Published numbers may be rounded, but the same rules on the same prices do not differ by more. */
const mostRelativeDifference = 1e-6

/**
 * Our uid's published score compared with our own score of the same answer: a difference means other rules or other
 * prices.
 */
export function watchOwnScores(pairs: readonly OwnScorePair[]): OwnWatch {
  const different = pairs.flatMap((pair) => {
    const relative = pair.replayed / pair.published - 1
    return Math.abs(relative) <= mostRelativeDifference ? [] : [{ ...pair, relative }]
  })
  return { compared: pairs.length, equal: pairs.length - different.length, different }
}

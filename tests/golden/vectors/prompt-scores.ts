import { z } from 'zod'
import type { PromptScoreRule } from '#core/synth/regimes/regime'
import { scorePrompt } from '#core/synth/scoring/prompt-scores'
import { softmaxOf } from '#core/synth/scoring/softmax'
import { firstDifference } from './compare.ts'
import { caseList, compareCases, defineSuite, expectedError, expectedNumber, vectorNumber } from './suite.ts'

const fields = { prompt_scores: z.array(expectedNumber), lowest_score: expectedNumber }
const under90 = z.strictObject({ ...fields, percentile90: expectedNumber }).nullable()
const under95 = z.strictObject({ ...fields, percentile95: expectedNumber }).nullable()
const clipped = z.strictObject({ ...fields, percentile95: expectedNumber, was_capped: z.array(z.boolean()) }).nullable()
const caseOf = <S extends z.ZodType>(expected: S) =>
  z.strictObject({ id: z.string(), scores: z.array(vectorNumber), expected: z.union([expected, expectedError]) })

const may = z.strictObject({
  prompt_scores: caseList(caseOf(under90)),
  softmax: caseList(
    z.strictObject({
      id: z.string(),
      values: z.array(vectorNumber),
      beta: z.number(),
      expected: z.union([z.array(expectedNumber), expectedError]),
    }),
  ),
})
const july = z.strictObject({
  rule: z.literal('p95-fill-uncapped'),
  prompt_scores: caseList(caseOf(under95)),
  same_inputs_under_p90_cap: caseList(z.strictObject({ id: z.string(), expected: under90 })),
})
const autumn = z.strictObject({
  rule: z.literal('p95-fill-of-uncapped, 10x-median clip'),
  median_multiple: z.number(),
  prompt_scores: caseList(caseOf(clipped)),
})

const p90: PromptScoreRule = { clip: { kind: 'p90' }, fill: 'p90' }
const p95: PromptScoreRule = { clip: { kind: 'none' }, fill: 'p95' }

interface ScoreCase {
  readonly id: string
  readonly scores: readonly number[]
  readonly expected: object | null
}

export const promptScores = defineSuite(z.union([may, july, autumn]), (document) => {
  if ('softmax' in document) {
    return {
      prompt_scores: compareScores(document.prompt_scores, p90),
      softmax: compareCases(
        document.softmax,
        ({ id }) => id,
        ({ values, beta, expected }) => firstDifference(softmaxOf(values, beta), expected, { relative: [']'] }),
      ),
    }
  }
  if (!('median_multiple' in document)) {
    const inputs = new Map(document.prompt_scores.map(({ id, scores }) => [id, scores]))
    const control = document.same_inputs_under_p90_cap.map(({ id, expected }) => {
      const scores = inputs.get(id)
      if (scores === undefined) throw new Error(`${id} has no inputs`)
      return { id, scores, expected }
    })
    return {
      prompt_scores: compareScores(document.prompt_scores, p95),
      same_inputs_under_p90_cap: compareScores(control, p90),
    }
  }
  const clip = { kind: 'medianMultiple', multiple: document.median_multiple } as const
  return { prompt_scores: compareScores(document.prompt_scores, { clip, fill: 'p95Unclipped' }) }
})

function compareScores(cases: readonly ScoreCase[], rule: PromptScoreRule) {
  return compareCases(
    cases,
    ({ id }) => id,
    ({ scores, expected }) => {
      const result = scorePrompt(scores, rule)
      if (result === null) return expected === null ? null : 'nothing instead of scores'
      const percentileName = rule.fill === 'p90' ? 'percentile90' : 'percentile95'
      const actual = {
        prompt_scores: result.promptScores,
        [percentileName]: result.percentile,
        lowest_score: result.lowestScore,
        ...(result.wasCapped === undefined ? {} : { was_capped: result.wasCapped }),
      }
      return firstDifference(actual, expected)
    },
  )
}

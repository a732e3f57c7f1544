import fc from 'fast-check'
import { expect, it } from 'vitest'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { missedScore, scorePrompt } from '#core/synth/scoring/prompt-scores'
import { knownPromptScoreRules, recogniseRule } from './recognise.ts'

const rules = knownPromptScoreRules(buildRegimeBook(builtInRegimes))
const aScore = fc.oneof(
  { weight: 8, arbitrary: fc.double({ min: 0, max: 20_000, noNaN: true }) },
  { weight: 1, arbitrary: fc.constant(missedScore) },
  { weight: 1, arbitrary: fc.double({ min: 20_000, max: 1e12, noNaN: true }) },
)
const aField = fc.array(aScore, { minLength: 1, maxLength: 60 })

it('explains every field by the rule that made it, rounded or not', () => {
  fc.assert(
    fc.property(
      aField,
      fc.constantFrom(...rules),
      fc.tuple(fc.option(fc.integer({ min: 1, max: 6 })), fc.option(fc.integer({ min: 1, max: 6 }))),
      (scores, rule, [crpsDecimals, promptScoreDecimals]) => {
        const result = scorePrompt(scores, rule)
        fc.pre(result !== null)
        const publish = (value: number, decimals: number | null) =>
          decimals === null ? value : Number(value.toFixed(decimals))
        const field = scores.map((crps, index) => ({
          crps: publish(crps, crpsDecimals),
          promptScore: publish(result?.promptScores[index] ?? Number.NaN, promptScoreDecimals),
        }))
        expect(recogniseRule(field, rules).rules).toContain(rule)
      },
    ),
    { numRuns: 500 },
  )
})

it('does not depend on the order of the miners', () => {
  fc.assert(
    fc.property(aField, fc.constantFrom(...rules), (scores, rule) => {
      const result = scorePrompt(scores, rule)
      fc.pre(result !== null)
      const field = scores.map((crps, index) => ({ crps, promptScore: result?.promptScores[index] ?? Number.NaN }))
      expect(recogniseRule(field.toReversed(), rules).rules).toEqual(recogniseRule(field, rules).rules)
    }),
    { numRuns: 200 },
  )
})

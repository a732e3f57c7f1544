import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { resolvePrediction } from '#core/synth/regimes/prediction'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { predictionRuleOf } from '#core/synth/scoring/prediction-rule'
import { ReplayRulesLookup } from './replay-rules.ts'

const book = buildRegimeBook(builtInRegimes)
const switches = Object.values(book.timelines)
  .flat()
  .flatMap(({ earliestMs, atMs, latestMs }) => [earliestMs, atMs, latestMs])
const horizonMs = fc.constantFrom(0, 3_600_000, 86_400_000)
/** Most of them near the moment at which some rule changes for a prompt of either length. */
const nearSwitch = fc
  .tuple(fc.constantFrom(...switches), horizonMs, fc.integer({ min: -200_000, max: 200_000 }))
  .map(([atMs, lengthMs, offMs]) => atMs - lengthMs + offMs)
const anywhere = fc.integer({ min: Date.UTC(2025, 9, 1), max: Date.UTC(2027, 0, 1) })

describe('ReplayRulesLookup', () => {
  it('says what the regimes say of each prompt by itself, however many it has answered before', () => {
    const lookup = new ReplayRulesLookup(book)
    const length = fc.constantFrom(3_600, 86_400)
    const asset = fc.constantFrom('BTC', 'XAU', 'SPYX', 'SP500', 'HYPE', 'NOBODY')
    fc.assert(
      fc.property(fc.oneof(nearSwitch, anywhere), length, asset, (startAtMs, timeLengthSeconds, name) => {
        const prompt = { asset: name, startAtMs, timeLengthSeconds }
        let expected: unknown
        try {
          const rules = resolvePrediction(book, prompt)
          const { decision, competition } = rules.scoring
          const rule = predictionRuleOf(rules, 'increments')
          expected = { ok: true, regimeId: decision.regimeId, competition: competition.key, rule }
        } catch (error) {
          expected = { ok: false, reason: expect.any(String) as string }
          if (!(error instanceof Error)) throw error
        }
        expect(lookup.of(prompt)).toEqual(expected)
      }),
      { numRuns: 1_500 },
    )
  })

  it('takes the rules of the override whatever the date', () => {
    const prompt = { asset: 'BTC', startAtMs: Date.UTC(2026, 9, 10), timeLengthSeconds: 86_400 }
    const other = book.regimes.find(({ id }) => id !== '2026-09-22' && id.startsWith('2026'))!
    expect(new ReplayRulesLookup(book, other.id).of(prompt)).toMatchObject({ ok: true, regimeId: other.id })
  })
})

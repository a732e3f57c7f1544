import fc from 'fast-check'
import { expect, it } from 'vitest'
import { dayMs, hourMs } from '#core/base/time/units'
import { isInWindow } from '#core/synth/scoring/average-window'
import type { PromptScoreRow } from '#core/synth/scoring/late-joiners'
import { weighCompetition } from '#core/synth/scoring/moving-average'
import { missedScore, scorePrompt } from '#core/synth/scoring/prompt-scores'
import { type FieldPrompt, startMsOf } from './field.ts'
import { minerIdAt, registrationsOf, uidOfMiner } from './hands.ts'
import { prepareField, weighField } from './prepared-field.ts'

const rule = { clip: { kind: 'none' }, fill: 'p95' } as const
const assets = ['BTC', 'ETH', 'SOL']

const fields = fc.record({
  prompts: fc.array(
    fc.record({
      hour: fc.integer({ min: 0, max: 60 }),
      asset: fc.constantFrom(...assets),
      miners: fc.uniqueArray(
        fc.record({
          uid: fc.nat(7),
          crps: fc.oneof(fc.double({ min: 1, max: 5000, noNaN: true }), fc.constant(missedScore)),
        }),
        { selector: ({ uid }) => uid, minLength: 1 },
      ),
    }),
    { minLength: 1, maxLength: 40 },
  ),
  registrations: fc.array(fc.record({ uid: fc.nat(7), hour: fc.integer({ min: 0, max: 60 }) }), { maxLength: 6 }),
  updateHour: fc.integer({ min: 1, max: 80 }),
})

it('weighs every miner as the port of the validator does, to the last bit', () => {
  fc.assert(
    fc.property(fields, ({ prompts: made, registrations: hands, updateHour }) => {
      const prompts = made
        .map(
          ({ hour, asset, miners }): FieldPrompt => ({
            ...{ asset, timeLengthSeconds: 3600, scoredAtMs: 100 * dayMs + hour * hourMs },
            miners: miners.map((miner) => ({ ...miner, promptScore: 0 })),
          }),
        )
        .sort((a, b) => a.scoredAtMs - b.scoredAtMs)
      const registrations = registrationsOf(
        hands.map(({ uid, hour }) => ({
          uid,
          hotkey: `${hour}`,
          registeredAtMs: 100 * dayMs + hour * hourMs,
          source: 'chain',
        })),
      )
      const updateAtMs = 100 * dayMs + updateHour * hourMs
      const rules = {
        ...{ label: 'x', windowDays: 2, newestRowLagSeconds: 60, beta: -0.01, coefficient: 1 / 3 },
        coefficientOf: (asset: string) => [1, 0.7064366394033871, 0.6310037175639559][assets.indexOf(asset)]!,
      }
      const rows: PromptScoreRow[] = []
      for (const prompt of prompts.filter(({ scoredAtMs }) => isInWindow(scoredAtMs, { updateAtMs, ...rules }))) {
        const scored = scorePrompt(
          prompt.miners.map(({ crps }) => crps),
          rule,
        )
        if (scored === null) continue
        const { percentile, lowestScore } = scored
        const { scoredAtMs, asset } = prompt
        for (const [i, promptScore] of scored.promptScores.entries()) {
          const minerId = minerIdAt(registrations, prompt.miners[i]!.uid, startMsOf(prompt))
          rows.push({ minerId, promptScore, scoredAtMs, asset, percentile, lowestScore })
        }
      }
      const expected = weighCompetition(rows, {
        ...{ ...rules, competition: 'x', updateAtMs },
        uidOf: (minerId) => uidOfMiner(registrations, minerId, updateAtMs),
      })
      const field = prepareField(prompts, undefined, { promptScoreRule: () => rule, registrations })
      expect(weighField(field, rules, updateAtMs).rows).toEqual(expected)
    }),
    { numRuns: 500 },
  )
})

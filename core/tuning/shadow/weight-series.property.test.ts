import fc from 'fast-check'
import { expect, it } from 'vitest'
import { dayMs, hourMs } from '#core/base/time/units'
import { missedScore } from '#core/synth/scoring/prompt-scores'
import type { FieldPrompt } from './field.ts'
import { registrationsOf } from './hands.ts'
import { prepareField, type UpdateRules, weighField } from './prepared-field.ts'
import { simulateUpdate } from './simulate-weights.ts'
import { WeightSeries } from './weight-series.ts'

const rule = { clip: { kind: 'none' }, fill: 'p95' } as const
const assets = ['BTC', 'ETH', 'SOL']
const startMs = 100 * dayMs

/**
 * Where even the best score is so large, a difference in its last digit decides who gets a weight at all: of 1e25 it is
 * 2e9, and the softmax leaves a miner nothing that is 1e5 behind.
 */
const lastDigitsMatterFrom = 1e9

const score = fc.oneof(
  fc.double({ min: 1, max: 5000, noNaN: true }),
  fc.constant(missedScore),
  // Beyond 64-bit integers, as it occurs in the field.
  fc.constant(1e25),
)
const fields = fc.record({
  prompts: fc.array(
    fc.record({
      hour: fc.integer({ min: 0, max: 200 }),
      asset: fc.constantFrom(...assets),
      ours: fc.oneof(score, fc.constant(undefined)),
      miners: fc.uniqueArray(fc.record({ uid: fc.nat(7), crps: score }), { selector: ({ uid }) => uid, minLength: 1 }),
    }),
    { minLength: 1, maxLength: 150 },
  ),
  registrations: fc.array(fc.record({ uid: fc.nat(7), hour: fc.integer({ min: 0, max: 200 }) }), { maxLength: 6 }),
  joinedHour: fc.integer({ min: 0, max: 100 }),
  lag: fc.constantFrom(0, 60),
})

it('says of every update what the weighing of its window alone says', () => {
  fc.assert(
    fc.property(fields, ({ prompts: made, registrations: hands, joinedHour, lag }) => {
      const all = made
        .map(({ hour, asset, miners, ours }) => ({
          ours,
          prompt: {
            ...{ asset, timeLengthSeconds: 3600, scoredAtMs: startMs + hour * hourMs },
            miners: miners.map((miner) => ({ ...miner, promptScore: 0 })),
          } satisfies FieldPrompt,
        }))
        .sort((a, b) => a.prompt.scoredAtMs - b.prompt.scoredAtMs)
      const ours = new Map<FieldPrompt, number | undefined>(all.map(({ prompt, ours: own }) => [prompt, own]))
      const registrations = registrationsOf(
        hands.map(({ uid, hour }) => {
          const registeredAtMs = startMs + hour * hourMs
          return { uid, hotkey: `${hour}`, registeredAtMs, source: 'chain' as const }
        }),
      )
      const field = prepareField(
        all.map(({ prompt }) => prompt),
        { joinedAtMs: startMs + joinedHour * hourMs, find: (prompt) => ours.get(prompt), unrecorded: 'skip' },
        { promptScoreRule: () => rule, registrations },
      )
      const series = new WeightSeries(field)
      for (let hour = 1; hour < 260; hour += 13) {
        const updateAtMs = startMs + hour * hourMs
        const rules: UpdateRules = {
          ...{ label: 'x', windowDays: 2, newestRowLagSeconds: lag, beta: -0.01, coefficient: 1 / 3 },
          // They change once.
          coefficientOf: (asset) => [1, hour < 100 ? 0.7 : 0.5, 0.6310037175639559][assets.indexOf(asset)]!,
        }
        const exact = simulateUpdate(field, rules, updateAtMs)
        const found = series.at(rules, updateAtMs)
        if (exact === null || found === null) {
          expect(found).toEqual(exact)
          continue
        }
        const { rank, smoothedScore, weight, bestSmoothed, medianSmoothed, ...counts } = found
        if (exact.bestSmoothed > lastDigitsMatterFrom) {
          expectNear(bestSmoothed, exact.bestSmoothed)
          continue
        }
        expect(exact).toMatchObject(counts)
        expectNear(smoothedScore, exact.smoothedScore)
        expectNear(bestSmoothed, exact.bestSmoothed)
        expectNear(medianSmoothed, exact.medianSmoothed)
        expect(weight).toBeCloseTo(exact.weight, 9)
        // Of equal scores either may be first.
        const { rows } = weighField(field, rules, updateAtMs)
        if (smoothedScore === undefined) expect(rank).toBeUndefined()
        else {
          const better = (by: number) =>
            rows!.filter((row) => row.smoothedScore < smoothedScore + by * (1e-9 + 1e-9 * smoothedScore)).length
          expect(rank).toBeGreaterThanOrEqual(better(-1) + 1)
          expect(rank).toBeLessThanOrEqual(better(1) + 1)
        }
      }
    }),
    { numRuns: 150 },
  )
})

function expectNear(found: number | undefined, exact: number | undefined): void {
  if (exact === undefined || found === undefined) expect(found).toBe(exact)
  else expect(Math.abs(found - exact)).toBeLessThanOrEqual(1e-9 * (1 + Math.abs(exact)))
}

import { z } from 'zod'
import { Count, Instant } from '#core/base/json/shape-parts'
import { rungs } from '#core/forecast/journal/rung'
import { formatInstant } from '#core/synth/regimes/instant'
import type { ExplainedPrediction } from '../diagnosis/explain.ts'
import type { Shown } from './view-parts.ts'

export const ExplainShape = z.strictObject({
  id: z.string(),
  asset: z.string(),
  startTime: Instant,
  timeLengthSeconds: z.int(),
  model: z.string(),
  rung: z.enum(rungs),
  regime: z.string(),
  total: z.number().nullable(),
  problem: z.string().nullable().describe('why there is no total'),
  parts: z.array(
    z.strictObject({
      name: z.string(),
      crps: z.number(),
      expected: z.number().describe('its average if the forecast were the truth'),
      increments: Count,
    }),
  ),
  volatility: z.array(z.strictObject({ name: z.string(), crps: z.number(), weight: z.number() })),
  dearest: z
    .array(
      z.strictObject({
        interval: z.string(),
        from: Instant,
        to: Instant,
        real: z.number().describe('in basis points; for absolute intervals the price'),
        forecastSd: z.number(),
        quantile: z.number().describe('share of the paths below'),
        crps: z.number(),
        expected: z.number(),
      }),
    )
    .describe('the moves that cost most, relative to what was expected of them'),
})

export function viewExplanation({ startAtMs, explanation, ...rest }: ExplainedPrediction): Shown<typeof ExplainShape> {
  const dearest = explanation.dearest.map(({ fromMs, toMs, ...move }) => ({
    from: formatInstant(fromMs),
    to: formatInstant(toMs),
    ...move,
  }))
  return { ...rest, startTime: formatInstant(startAtMs), ...explanation, dearest }
}

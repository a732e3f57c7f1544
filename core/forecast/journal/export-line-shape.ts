import { z } from 'zod'
import { Instant } from '#core/base/json/shape-parts'
import { horizons } from '#core/synth/prompts/horizon'
import { rungs } from './rung.ts'

const Shares = z.record(z.string(), z.number())

/** One a line, under the field names of the older miners' logs. */
export const ExportLineShape = z.strictObject({
  t0: z.string().describe('start of the forecast, as the prompt wrote it'),
  request_time: Instant,
  asset: z.string(),
  prompt: z.enum(horizons).describe('low: a day, high: an hour'),
  increment: z.int(),
  length: z.int(),
  num_simulations: z.int(),
  model_version: z.string(),
  parameter_hash: z.string(),
  config_snapshot: z.strictObject({
    lambda: z.number(),
    df: z.number(),
    sigma_cap_daily: z.number(),
    shrink_high: z.number(),
    champion: z.strictObject({ low: z.string(), high: z.string() }),
    blend: z.strictObject({ low: Shares, high: Shares }),
    calibrated: z
      .strictObject({ low: Shares.optional(), high: Shares.optional() })
      .optional()
      .describe("departures from the calibrated model's set; absent while there are none"),
  }),
  steps: z.int(),
  horizon_hours: z.number(),
  logged_at: Instant,
  log_reason: z.string(),
  volcast: z.strictObject({
    id: z.string(),
    event: z.string().optional().describe('with the log_reason event: which one'),
    rung: z.enum(rungs),
    is_degraded: z.boolean(),
    price_usd: z.number(),
    price_published_at: Instant,
    price_venue: z.string(),
    sampler_version: z.int(),
    seed: z.string(),
    output_hash: z.string(),
    stage_ms: Shares,
  }),
  paths: z
    .array(z.array(z.number()))
    .optional()
    .describe('the prices digit for digit as they were served; absent with --no-paths, or where they are gone'),
})

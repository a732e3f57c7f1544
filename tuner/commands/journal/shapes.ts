import { z } from 'zod'
import { Count, Instant } from '#core/base/json/shape-parts'
import { rungs } from '#core/forecast/journal/rung'

export const JournalStatusShape = z.strictObject({
  pathsBytes: Count,
  series: z.array(
    z.strictObject({
      asset: z.string(),
      lengthSeconds: z.int(),
      count: Count,
      withPaths: Count.describe('whose prices are stored; of the others they are made again from the recipe'),
      pathsBytes: Count,
      degraded: Count.describe('made from a state or price that was marked as a stand-in'),
      firstStart: Instant,
      lastStart: Instant,
    }),
  ),
})

const Asked = {
  asset: z.string(),
  start: Instant,
  lengthSeconds: z.int(),
  stepSeconds: z.int(),
  pathCount: z.int(),
}

const Answered = {
  model: z.string(),
  modelVersion: z.string(),
  rung: z.enum(rungs),
  reason: z.enum(['first', 'interval', 'volatility', 'sessionEdge', 'all']).describe('why it was kept'),
  isDegraded: z.boolean(),
}

export const JournalListShape = z.strictObject({
  predictions: z.array(z.strictObject({ id: z.string(), ...Asked, ...Answered })).describe('the newest last'),
  older: Count.describe('how many more there are; --count shows them'),
})

const Shares = z.record(z.string(), z.number())

export const JournalShowShape = z.strictObject({
  id: z.string(),
  ...Asked,
  ...Answered,
  receivedAt: Instant,
  madeAt: Instant,
  parametersHash: z.string(),
  parameters: z.strictObject({
    lambda: z.number(),
    df: z.number(),
    sigmaCapDaily: z.number(),
    shrinkHigh: z.number(),
    champion: z.strictObject({ low: z.string(), high: z.string() }),
    blend: z.strictObject({ low: Shares, high: Shares }),
  }),
  price: z.strictObject({ usd: z.number(), publishedAt: Instant, venue: z.string() }),
  samplerVersion: z.int(),
  seed: z.string(),
  outputHash: z.string().describe('SHA-256 of the JSON text of simulation_output that was sent'),
  stageMs: Shares.describe('what each stage of the answer took'),
  prices: z.union([
    z.strictObject({
      readable: z.literal(true),
      from: z.enum(['stored', 'made again']),
      pathCount: z.int(),
      pointCount: z.int(),
      ends: z
        .strictObject({
          p05: z.number(),
          p25: z.number(),
          median: z.number(),
          p75: z.number(),
          p95: z.number(),
        })
        .describe('of the last prices of all paths'),
    }),
    z.strictObject({ readable: z.literal(false), reason: z.string(), detail: z.string() }),
  ]),
})

/** One a line, under the field names of the older miners' logs. */
export const ExportLineShape = z.strictObject({
  t0: z.string().describe('start of the forecast, as the prompt wrote it'),
  request_time: Instant,
  asset: z.string(),
  prompt: z.enum(['low', 'high']).describe('low: a day, high: an hour'),
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
  }),
  steps: z.int(),
  horizon_hours: z.number(),
  logged_at: Instant,
  log_reason: z.string(),
  volcast: z.strictObject({
    id: z.string(),
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

export const JournalExportShape = z.strictObject({
  file: z.string(),
  predictions: Count,
  withoutPrices: Count.describe('above 0 the exit code is 1'),
})

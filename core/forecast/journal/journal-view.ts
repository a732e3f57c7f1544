import { z } from 'zod'
import type { Printed } from '#core/base/cli/write-json'
import { Count, Instant } from '#core/base/json/shape-parts'
import { formatInstant } from '#core/synth/regimes/instant'
import type { PathsReading } from './journal.ts'
import type { JournalSummary } from './journal-summary.ts'
import type { ChainVerification } from './prediction-chain.ts'
import { type PredictionRecord, recordReasons } from './prediction-record.ts'
import { rungs } from './rung.ts'

/** What is shown of the journal: `--json` prints it, and whatever else shows the journal makes it here too. */

export const JournalStatusShape = z.strictObject({
  pathsBytes: Count,
  unrepeatable: Count.describe('whose prices this release cannot make again: the stored ones stay'),
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
  reason: z.enum(recordReasons).describe('why it was kept'),
  event: z.string().optional().describe('with the reason event: which one'),
  isDegraded: z.boolean(),
}

export const JournalListShape = z.strictObject({
  predictions: z.array(z.strictObject({ id: z.string(), ...Asked, ...Answered })).describe('the newest last'),
  older: Count.describe('how many more there are; --count shows them'),
})

const Shares = z.record(z.string(), z.number())

const Tuning = z.strictObject({
  level: z.number().optional(),
  levelSd: z.number().optional(),
  tail: z.number().optional(),
  memory: z.number().optional(),
})

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
    calibrated: z
      .strictObject({ low: Tuning.optional(), high: Tuning.optional() })
      .optional()
      .describe("departures from the calibrated model's set; absent while there are none"),
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

export const JournalExportShape = z.strictObject({
  file: z.string(),
  predictions: Count,
  withoutPrices: Count.describe('above 0 the exit code is 1'),
})

export const JournalVerifyShape = z.strictObject({
  isSound: z.boolean(),
  entryCount: Count,
  firstEntry: z.int().nullable().describe('above 1 where the entries before it went with their records, by age'),
  lastEntry: z.int().nullable(),
  headHash: z.string().describe('of the last entry; noted elsewhere, it proves later that nothing before it changed'),
  withoutRecord: Count.describe('entries whose records are gone: the oldest, as retention takes them'),
  olderRecords: Count.describe('from before the chain; nothing is known of them'),
  knownEntry: z.int().nullable().describe('the entry with the hash of --hash'),
  problems: z.array(z.string()).describe('the first 100; none: exit code 0'),
})

type Written<S extends z.ZodType> = Printed<z.input<S>>
export type ShownPrediction = Written<typeof JournalShowShape>

export function viewJournalStatus({ series, ...totals }: JournalSummary): Written<typeof JournalStatusShape> {
  return {
    ...totals,
    series: series.map(({ firstStartMs, lastStartMs, ...own }) => ({
      ...own,
      firstStart: formatInstant(firstStartMs),
      lastStart: formatInstant(lastStartMs),
    })),
  }
}

export function viewChain(verification: ChainVerification): Written<typeof JournalVerifyShape> {
  return verification
}

/** `older`: how many more there are than those that are listed. */
export function viewPredictions(
  predictions: readonly PredictionRecord[],
  older: number,
): Written<typeof JournalListShape> {
  return { predictions: predictions.map(viewAnswered), older }
}

export function viewPrediction(record: PredictionRecord, reading: PathsReading): ShownPrediction {
  const { receivedAtMs, madeAtMs, model, price, recipe, outputHash, stageMs } = record
  return {
    ...viewAnswered(record),
    ...{ receivedAt: formatInstant(receivedAtMs), madeAt: formatInstant(madeAtMs) },
    ...{ parametersHash: model.parametersHash, parameters: model.parameters },
    price: { usd: price.usd, publishedAt: formatInstant(price.publishedAtMs), venue: price.venue },
    ...{ samplerVersion: recipe.samplerVersion, seed: String(recipe.seed), outputHash, stageMs: viewStages(stageMs) },
    prices: viewPrices(reading),
  }
}

/** What was asked and who answered: the same fields in a list and of one prediction. */
function viewAnswered({ id, prompt, model, rung, reason, event, isDegraded }: PredictionRecord) {
  const { asset, startAtSeconds, lengthSeconds, stepSeconds, pathCount } = prompt
  return {
    ...{ id, asset, start: formatInstant(startAtSeconds * 1000), lengthSeconds, stepSeconds, pathCount },
    ...{ model: model.name, modelVersion: model.version, rung, reason, isDegraded },
    ...(event === undefined ? {} : { event }),
  }
}

function viewStages(stageMs: PredictionRecord['stageMs']): Record<string, number> {
  return Object.fromEntries(Object.entries(stageMs).filter(([, ms]) => ms !== undefined))
}

function viewPrices(reading: PathsReading): ShownPrediction['prices'] {
  if (!reading.ok) return { readable: false, reason: reading.reason, detail: reading.detail }
  const { pathCount, pointCount, values } = reading.paths
  const last = Array.from({ length: pathCount }, (_, path) => values[(path + 1) * pointCount - 1]!).sort(
    (a, b) => a - b,
  )
  const at = (share: number) => last[Math.min(pathCount - 1, Math.floor(share * pathCount))]!
  const ends = { p05: at(0.05), p25: at(0.25), median: at(0.5), p75: at(0.75), p95: at(0.95) }
  return { readable: true, from: reading.origin === 'blob' ? 'stored' : 'made again', pathCount, pointCount, ends }
}

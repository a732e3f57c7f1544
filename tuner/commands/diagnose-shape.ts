import { z } from 'zod'
import { Count, Figure, Instant } from '#core/json/shape-parts'

const Interval = z
  .strictObject({ low: Figure, high: Figure })
  .meta({ id: 'Interval', description: 'null: too few days' })
  .nullable()

const Calibration = z
  .strictObject({
    group: z.string(),
    increments: Count,
    prompts: Count,
    meanCrps: Figure,
    width: Figure.describe('1.12: 12 % too wide'),
    widthInterval: Interval,
    varianceRatio: Figure,
    coverage: z.array(z.strictObject({ level: z.number(), share: Figure, interval: Interval })),
    pit: z.array(Figure).describe('shares of equal bins'),
  })
  .meta({ id: 'Calibration' })

const Subject = z.strictObject({
  name: z.string(),
  asset: z.string(),
  timeLengthSeconds: z.int(),
  competition: z.string(),
  totals: z.strictObject({
    scored: Count,
    unscored: z.array(z.strictObject({ problem: z.string(), count: Count })),
    mean: Figure,
    median: Figure,
    sd: Figure,
    least: Figure,
    most: Figure,
  }),
  shares: z
    .array(z.strictObject({ name: z.string(), crps: Figure, share: Figure }))
    .describe('what each interval adds to the total'),
  mainInterval: z.string().nullable().describe('what the views below are about: the one with the largest share'),
  byInterval: z.array(Calibration),
  byHorizon: z.array(Calibration),
  byHour: z.array(Calibration),
  byQuarterOfDay: z.array(Calibration),
  byWeekday: z.array(Calibration),
  byVolatility: z.array(Calibration),
  volatilityBlocks: z.array(
    z.strictObject({
      block: z.string(),
      count: Count,
      ratio: Figure.describe('realised over forecast mean: above 1 the blocks moved more than was forecast'),
      meanPit: Figure,
      insideMiddleHalf: Figure.describe('0.5 is right, more is too wide'),
    }),
  ),
  rolling: z
    .array(z.strictObject({ day: z.iso.date(), mean: Figure, prompts: Count }))
    .describe('means of seven days, by the day that ends them'),
  baselines: z.array(
    z.strictObject({
      model: z.string(),
      prompts: Count,
      ratio: Figure.describe('ours over theirs on the same prompts: below 1 ours is better'),
      interval: Interval,
    }),
  ),
})

export const DiagnoseShape = z.strictObject({
  from: Instant,
  to: Instant,
  model: z.string(),
  subjects: z.array(Subject).describe('an asset on a horizon each'),
  findings: z
    .array(
      z.strictObject({
        subject: z.string(),
        where: z.string().nullable(),
        width: z.number(),
        interval: z.strictObject({ low: z.number(), high: z.number() }),
        prompts: Count,
        cost: z.number().describe("share of the subject's score that it costs, roughly"),
      }),
    )
    .describe('the dearest first'),
  sentences: z.array(z.string()).describe('the findings in words'),
})

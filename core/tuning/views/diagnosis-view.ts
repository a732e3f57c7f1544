import { z } from 'zod'
import { Count, Figure, Instant } from '#core/base/json/shape-parts'
import { formatDay } from '#core/base/time/instant-text'
import { formatInstant } from '#core/synth/regimes/instant'
import { buckets } from '../diagnosis/buckets.ts'
import type { Diagnosis, SubjectDiagnosis } from '../diagnosis/diagnose.ts'
import type { CompetitionWindows } from '../diagnosis/validator-windows.ts'
import type { Shown } from './view-parts.ts'

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
    middle95: z
      .strictObject({ share: Figure, interval: Interval })
      .nullable()
      .describe('share within the middle 95 %; null: only rows of an older release, run "tuner replay --again"'),
    pit: z.array(Figure).describe('shares of equal bins'),
  })
  .meta({ id: 'Calibration' })

const Ratio = {
  prompts: Count,
  ratio: Figure.describe('ours over theirs on the same prompts: below 1 ours is better'),
  interval: Interval,
}
const Baseline = z.strictObject({ model: z.string(), ...Ratio }).meta({ id: 'BaselineRatio' })

const FieldGroup = z
  .strictObject({
    group: z.string(),
    prompts: Count,
    medianRank: Figure.describe('among miners that answered, ours included: 1 is the best'),
    miners: Figure,
    behind: Figure.describe('mean share of answering miners that were better'),
    versusMedian: z.strictObject(Ratio),
    versusBest: z.strictObject(Ratio),
  })
  .meta({ id: 'FieldGroup' })

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
  byBucket: z
    .array(
      z.strictObject({
        bucket: z.enum(buckets),
        prompts: Count,
        mean: Figure,
        median: Figure,
        sd: Figure,
        share: Figure,
        baselines: z.array(Baseline),
      }),
    )
    .describe('short: up to 5 minutes, medium: up to an hour, long: above it and prices compared as such'),
  mainInterval: z.string().nullable().describe('the interval of the views below: the one with the largest share'),
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
      ratio: Figure.describe('realised over forecast mean: above 1 the blocks moved more than the forecast'),
      meanPit: Figure,
      insideMiddleHalf: Figure.describe('0.5 is right, more is too wide'),
    }),
  ),
  rolling: z
    .array(z.strictObject({ day: z.iso.date(), mean: Figure, prompts: Count }))
    .describe('means of seven days, by the day that ends them'),
  baselines: z.array(Baseline),
  field: z
    .strictObject({
      all: FieldGroup,
      byHour: z.array(FieldGroup),
      byQuarterOfDay: z.array(FieldGroup),
      byWeekday: z.array(FieldGroup),
      byVolatility: z.array(FieldGroup),
    })
    .nullable()
    .describe('among all miners, by the start of the prompt; null: no public score of these prompts is stored'),
})

const Competition = z.strictObject({
  key: z.string(),
  label: z.string(),
  windowDays: z.number(),
  coefficients: z.array(
    z.strictObject({ asset: z.string(), coefficient: z.union([z.number(), z.literal('unknown')]) }),
  ),
  windows: z
    .array(
      z.strictObject({
        updateAt: Instant,
        prompts: Count,
        smoothedCrps: Figure.describe('mean CRPS, assets weighted as the validator weights them'),
        field: z
          .strictObject({
            prompts: Count,
            smoothedScore: Figure,
            rank: Count.nullable(),
            miners: Count,
            bestSmoothed: Figure,
            medianSmoothed: Figure,
          })
          .nullable()
          .describe('in prompt scores, among all miners; each seventh day, where public scores are stored'),
      }),
    )
    .describe('one a day; the last is the end of the period'),
})

export const DiagnoseShape = z.strictObject({
  from: Instant,
  to: Instant,
  model: z.string(),
  subjects: z.array(Subject).describe('one asset on one horizon each'),
  competitions: z.array(Competition).describe("the validator's windows"),
  findings: z
    .array(
      z.strictObject({
        subject: z.string(),
        where: z.string().nullable(),
        width: z.number(),
        interval: z.strictObject({ low: z.number(), high: z.number() }),
        prompts: Count,
        cost: z.number().describe("approximate share of the subject's score that it costs"),
      }),
    )
    .describe('the dearest first'),
  sentences: z.array(z.string()).describe('the findings in words'),
})

export function viewDiagnosis(
  asked: { readonly fromMs: number; readonly toMs: number; readonly model: string },
  diagnosis: Diagnosis,
  competitions: readonly CompetitionWindows[],
): Shown<typeof DiagnoseShape> {
  return {
    ...{ from: formatInstant(asked.fromMs), to: formatInstant(asked.toMs), model: asked.model },
    ...diagnosis,
    subjects: diagnosis.subjects.map(viewSubject),
    competitions: competitions.map(viewCompetition),
  }
}

function viewSubject({ rolling, ...subject }: SubjectDiagnosis) {
  return { ...subject, rolling: rolling.map(({ dayMs, ...mean }) => ({ day: formatDay(dayMs), ...mean })) }
}

function viewCompetition({ windows, ...competition }: CompetitionWindows) {
  return {
    ...competition,
    windows: windows.map(({ updateAtMs, field, ...window }) => ({
      updateAt: formatInstant(updateAtMs),
      ...window,
      field: field === null ? null : { ...field, smoothedScore: field.smoothedScore ?? null, rank: field.rank ?? null },
    })),
  }
}

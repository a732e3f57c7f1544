import { z } from 'zod'
import { Count, Figure, Instant } from '#core/base/json/shape-parts'
import { formatInstant } from '#core/synth/regimes/instant'
import type { DayEarnings, RealisedShare } from '../shadow/earnings.ts'
import type { FetchFieldOutcome } from '../shadow/fetch-field.ts'
import type { StoredShadowReport } from '../shadow/read-report.ts'
import type { Shown } from './view-parts.ts'

export const ShadowFetchShape = z.strictObject({
  fetched: z.array(
    z.strictObject({
      asset: z.string(),
      timeLengthSeconds: z.int(),
      prompts: Count,
      refusedRows: Count.describe('lines that cannot be read'),
      failed: z
        .array(z.strictObject({ from: Instant, to: Instant, reason: z.string() }))
        .describe('stretches that could not be fetched; the exit code is then 75'),
    }),
  ),
})

export const ShadowReportShape = z.strictObject({
  from: Instant,
  to: Instant,
  model: z.string(),
  competitions: z.array(
    z.strictObject({
      key: z.string(),
      label: z.string(),
      windowDays: z.number(),
      beta: z.number(),
      coefficient: z.number().describe('share of what miners get that it pays'),
      assets: z.array(
        z.strictObject({
          asset: z.string(),
          prompts: Count,
          answered: Count,
          medianRank: Figure.describe('null: no prompt was answered'),
          miners: Count,
          gapToBest: Figure.describe('means over the answered prompts, in the unit of the score'),
          gapToMedian: Figure,
          aheadOfMedian: Figure.describe('share of the answered prompts'),
        }),
      ),
      weights: z
        .array(
          z.strictObject({
            updateAt: Instant,
            prompts: Count,
            answered: Count,
            missed: Count,
            unrecorded: Count.describe('not in the journal, and left out'),
            backfilled: Count,
            smoothedScore: z.number().nullable().describe('null with the weight 0: the softmax left nothing'),
            rank: Count.nullable(),
            miners: Count,
            bestSmoothed: Figure,
            medianSmoothed: Figure,
            weight: z.number().describe('of all that miners get'),
          }),
        )
        .describe('one a day; the last is now'),
    }),
  ),
  weight: z
    .number()
    .describe('of everything that miners get, now; with or without external competitions, as requested'),
  external: z
    .array(z.strictObject({ label: z.string(), share: z.number() }))
    .describe('competitions that are scored elsewhere, and their share if validators blend them in'),
  weightWithExternal: z.number(),
  weightWithoutExternal: z.number(),
  changedHands: Count.nullable().describe('uids within the windows; null: not known'),
  problems: z.array(z.string()),
  gaps: z.array(z.string()).describe('public scores that are not stored'),
  usdPerDay: z
    .number()
    .nullable()
    .exactOptional()
    .describe('with --forecast: of the newest published pool; null: it could not be fetched'),
})

export const ShadowEarningsShape = z.strictObject({
  realisedShare: z.number().describe('shadow.realisedShare: realised emission over what the weights say'),
  realisedShareOn: z.iso.date(),
  isFromOtherOwnerRule: z.boolean().describe("the owner's part changed since then: measure again"),
  days: z.array(z.strictObject({ day: z.iso.date(), poolUsd: z.number(), weight: z.number(), usd: z.number() })),
})

export function viewFetched(outcomes: readonly FetchFieldOutcome[]): Shown<typeof ShadowFetchShape> {
  return { fetched: outcomes.map(viewOutcome) }
}

export function viewShadowReport({
  fromMs,
  toMs,
  competitions,
  ...report
}: StoredShadowReport): Shown<typeof ShadowReportShape> {
  return {
    ...{ from: formatInstant(fromMs), to: formatInstant(toMs) },
    ...report,
    competitions: competitions.map(({ weights, ...competition }) => ({
      ...competition,
      weights: weights.map(({ updateAtMs, smoothedScore, rank, ...weight }) => ({
        updateAt: formatInstant(updateAtMs),
        ...weight,
        smoothedScore: smoothedScore ?? null,
        rank: rank ?? null,
      })),
    })),
  }
}

export function viewEarnings(
  days: readonly DayEarnings[],
  realised: RealisedShare,
  isFromOtherOwnerRule: boolean,
): Shown<typeof ShadowEarningsShape> {
  return { realisedShare: realised.share, realisedShareOn: realised.measuredOn, isFromOtherOwnerRule, days }
}

function viewOutcome({ kind, fetchedPrompts, refusedRows, failed }: FetchFieldOutcome) {
  const { asset, timeLengthSeconds } = kind
  return {
    ...{ asset, timeLengthSeconds, prompts: fetchedPrompts, refusedRows },
    failed: failed.map(({ fromMs, toMs, reason }) => ({
      from: formatInstant(fromMs),
      to: formatInstant(toMs),
      reason,
    })),
  }
}

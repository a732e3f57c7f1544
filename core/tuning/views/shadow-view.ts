import { z } from 'zod'
import { Count, Figure, Instant } from '#core/base/json/shape-parts'
import { formatDay } from '#core/base/time/instant-text'
import { formatInstant } from '#core/synth/regimes/instant'
import { type DayEarnings, earnedOn, type MinersPay, type RealisedShare } from '../shadow/earnings.ts'
import type { FetchFieldOutcome } from '../shadow/fetch-field.ts'
import { type PaidReport, paidNow } from '../shadow/paid-report.ts'
import { type ServedReport, servedOutcomes } from '../shadow/served-prompts.ts'
import type { SimulatedWeight } from '../shadow/simulate-weights.ts'
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

const Usd = Figure.describe("null: that day's pool is not known")
const Tao = Figure.describe('null: the price of TAO is not known either')

const WeightRow = z.strictObject({
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
  usdPerDay: Usd,
  taoPerDay: Tao,
})

export const ShadowReportShape = z.strictObject({
  from: Instant,
  to: Instant,
  model: z.string(),
  realisedShare: z.number().describe('of what the weights say: shadow.realisedShare'),
  realisedShareOn: z.iso.date(),
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
          prompts: Count.describe('scored in the period, from our first answer on'),
          answered: Count.describe('with a score of ours'),
          missed: Count.describe('our answer counted as none'),
          unrecorded: Count.describe('our answer is unknown'),
          realisedCoverage: z.number().describe('answered / prompts'),
          medianCoverage: z.number().describe('the same of the median miner'),
          isComparable: z.boolean().describe('false: ours is lower by more than 0.2; then there is no rank and no gap'),
          medianRank: Figure.describe('ranks and gaps are over the prompts that both have'),
          miners: Count,
          gapToBest: Figure.describe('means, in the unit of the score'),
          gapToMedian: Figure,
          aheadOfMedian: Figure.describe('share of these prompts'),
          weights: z.array(WeightRow).describe('by update, as if the competition had this asset only'),
        }),
      ),
      isComparable: z
        .boolean()
        .describe('false: more than 0.2 of the prompts of an asset are unrecorded; not counted in weight'),
      updates: Count.describe('of the validator in the period that count newly scored prompts'),
      weights: z
        .array(WeightRow)
        .describe('by update; all with --every-update, else some evenly; the last is the end of the period'),
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
  poolDay: z.iso.date().nullable().describe('the newest published pool; the next two are of it'),
  usdPerDay: Usd,
  taoPerDay: Tao,
})

export const ShadowEarningsShape = z.strictObject({
  realisedShare: z.number().describe('shadow.realisedShare: realised emission over what the weights say'),
  realisedShareOn: z.iso.date(),
  isFromOtherOwnerRule: z.boolean().describe("the owner's part changed since then: measure again"),
  days: z.array(
    z.strictObject({
      day: z.iso.date(),
      poolUsd: z.number(),
      taoUsd: Figure.describe('of one TAO at the end of the day; null: not known'),
      weight: z.number().describe('mean over the updates of the day'),
      usd: z.number(),
      tao: Tao,
      competitions: z.array(
        z.strictObject({ key: z.string(), label: z.string(), weight: z.number(), usd: z.number(), tao: Tao }),
      ),
    }),
  ),
  problems: z.array(z.string()),
})

export function viewFetched(outcomes: readonly FetchFieldOutcome[]): Shown<typeof ShadowFetchShape> {
  return { fetched: outcomes.map(viewOutcome) }
}

export function viewShadowReport({ report, pay, realised }: PaidReport): Shown<typeof ShadowReportShape> {
  const { fromMs, toMs, competitions, ...rest } = report
  const rows = (weights: readonly SimulatedWeight[]) => weights.map((weight) => viewWeight(weight, pay, realised))
  const now = paidNow({ report, pay, realised })
  return {
    ...{ from: formatInstant(fromMs), to: formatInstant(toMs) },
    ...{ realisedShare: realised.share, realisedShareOn: realised.measuredOn },
    ...rest,
    competitions: competitions.map(({ weights, assets, ...competition }) => ({
      ...competition,
      weights: rows(weights),
      assets: assets.map(({ weights: alone, ...asset }) => ({ ...asset, weights: rows(alone) })),
    })),
    ...{ poolDay: now?.day ?? null, usdPerDay: now?.usd ?? null, taoPerDay: now?.tao ?? null },
  }
}

function viewWeight(
  { updateAtMs, smoothedScore, rank, ...weight }: SimulatedWeight,
  pay: MinersPay,
  realised: RealisedShare,
): Shown<typeof WeightRow> {
  const updateAt = formatInstant(updateAtMs)
  const earned = earnedOn(formatDay(updateAtMs), weight.weight, pay, realised)
  return {
    ...{ updateAt, ...weight, smoothedScore: smoothedScore ?? null, rank: rank ?? null },
    ...{ usdPerDay: earned?.usd ?? null, taoPerDay: earned?.tao ?? null },
  }
}

export function viewEarnings(
  days: readonly DayEarnings[],
  realised: RealisedShare,
  isFromOtherOwnerRule: boolean,
  problems: readonly string[],
): Shown<typeof ShadowEarningsShape> {
  const { share: realisedShare, measuredOn: realisedShareOn } = realised
  return { realisedShare, realisedShareOn, isFromOtherOwnerRule, days, problems }
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

export const ShadowServedShape = z.strictObject({
  uid: z.int().nullable().describe('null: not named; an outcome of "scored" is then that of any miner'),
  prompts: z.array(
    z.strictObject({
      id: z.string(),
      asset: z.string(),
      timeLengthSeconds: z.int(),
      start: Instant,
      outcome: z
        .enum(servedOutcomes)
        .describe('leftOut: nobody has a score for it; notFetched: the public scores of its time are not stored'),
      reason: z.string().nullable().describe('what is known of why it has no score'),
      crps: Figure.describe('as published, of our uid'),
      promptScore: Figure,
      replayed: Figure.describe('our own score of the same answer'),
    }),
  ),
  notInJournal: Count.nullable().describe(
    'scores of our uid for prompts that the journal does not hold; null without --uid',
  ),
})

export function viewServed(
  { prompts, notInJournal }: ServedReport,
  uid: number | undefined,
): Shown<typeof ShadowServedShape> {
  return {
    uid: uid ?? null,
    prompts: prompts.map(({ id, asset, timeLengthSeconds, startAtMs, outcome, reason, crps, promptScore, total }) => ({
      ...{ id, asset, timeLengthSeconds, start: formatInstant(startAtMs), outcome },
      ...{ reason: reason ?? null, crps: crps ?? null, promptScore: promptScore ?? null, replayed: total },
    })),
    notInJournal: notInJournal ?? null,
  }
}

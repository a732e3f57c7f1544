import { z } from 'zod'
import { dayBootstrap } from '#core/base/statistics/day-bootstrap'
import type { Level } from '#core/base/statistics/small-sample'
import { dayMs } from '#core/base/time/units'
import { horizonOf } from '#core/synth/prompts/horizon'

/** One prompt scored twice under the same rules: with the parameters before a change and after it. */
export interface PairedScore {
  readonly startAtMs: number
  readonly timeLengthSeconds: number
  readonly oldScore: number
  readonly newScore: number
}

const Interval = z.tuple([z.number(), z.number()]).readonly()

const HorizonComparison = z.strictObject({
  timeLengthSeconds: z.int(),
  count: z.int(),
  days: z.int(),
  oldMean: z.number(),
  newMean: z.number(),
  meanDifference: z.number().describe('new minus old in the unit of the score: below zero is better'),
  interval: Interval,
})

/** The form in the ledger. */
export const PairedComparison = z
  .strictObject({
    count: z.int(),
    days: z.int().describe('different UTC days on which these prompts began'),
    relativeDifference: z
      .number()
      .describe(
        'change of the mean score, as a share of the old one; the mean of the horizons, since each pays the same',
      ),
    interval: Interval,
    level: z.number(),
    horizons: z.array(HorizonComparison),
  })
  .meta({ id: 'PairedComparison' })

export type PairedComparison = z.output<typeof PairedComparison>
export type HorizonComparison = z.output<typeof HorizonComparison>

const rounds = 2000
// The prompts of a day share its market, which also influences the next day.
const blockDays = 2
// Fixed, so that the same scores give the same interval on every machine.
const seed = 50n
/**
 * Day-long prompts of neighbouring days overlap: if they are spread over the whole day, their days are correlated by a
 * quarter. Blocks of two days see half of that, so the spread of the mean is too small by the root of (1 + 1/2) / (1 +
 * 1/4).
 */
const overlapFactor = Math.sqrt(1.5 / 1.25)

/** Sums of one UTC day for each horizon, in the horizons' order. */
type DaySums = readonly { count: number; oldSum: number; newSum: number }[]

/**
 * Undefined when there is nothing to compare. The interval draws blocks of whole days, all horizons together, and is
 * widened for their small number. Without that, a week of data would call chance a gain three times as often as the
 * level says. One day alone does not show how days differ: its interval is as wide as the score itself.
 */
export function comparePairs(scores: readonly PairedScore[], level: Level): PairedComparison | undefined {
  // In one order, so that sums do not depend on who read the scores.
  const usable = scores
    .filter(({ oldScore, newScore }) => Number.isFinite(oldScore) && Number.isFinite(newScore))
    .filter(({ oldScore, newScore }) => oldScore > 0 && newScore > 0)
    .sort((a, b) => a.startAtMs - b.startAtMs || a.oldScore - b.oldScore)
  if (usable.length === 0) return undefined
  const lengths = [...new Set(usable.map(({ timeLengthSeconds }) => timeLengthSeconds))].sort((a, b) => a - b)
  const days = groupByDay(usable, lengths)
  const ordered = [...days].sort(([a], [b]) => a - b).map(([, day]) => day)
  const daysWith = (at: number): readonly DaySums[] => ordered.filter((day) => day[at]!.count > 0)
  const relativeOf = (drawn: readonly DaySums[]): number => {
    const present = lengths.map((_, at) => sumUp(drawn, at)).filter(({ count }) => count > 0)
    return present.reduce((sum, { oldSum, newSum }) => sum + newSum / oldSum - 1, 0) / present.length
  }
  const horizons = lengths.map((timeLengthSeconds) => {
    const own = usable.filter((score) => score.timeLengthSeconds === timeLengthSeconds)
    const [oldMean, newMean] = [mean(own.map(({ oldScore }) => oldScore)), mean(own.map(({ newScore }) => newScore))]
    return { timeLengthSeconds, count: own.length, oldMean, newMean, meanDifference: newMean - oldMean }
  })
  const informativeDays = Math.min(...lengths.map((_, at) => daysWith(at).length))
  return {
    count: usable.length,
    days: days.size,
    relativeDifference: mean(horizons.map(({ oldMean, meanDifference }) => meanDifference / oldMean)),
    interval: intervalOf(ordered, relativeOf, { level, informativeDays, seconds: lengths.at(-1)!, unit: 1 }),
    level,
    horizons: horizons.map((horizon, at): HorizonComparison => {
      const own = daysWith(at)
      const differenceOf = (drawn: readonly DaySums[]): number => {
        const sums = sumUp(drawn, at)
        return (sums.newSum - sums.oldSum) / sums.count
      }
      const { timeLengthSeconds: seconds, oldMean: unit } = horizon
      const shape = { level, informativeDays: own.length, seconds, unit }
      return { ...horizon, days: own.length, interval: intervalOf(own, differenceOf, shape) }
    }),
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function sumUp(days: readonly DaySums[], at: number): DaySums[number] {
  const sums = { count: 0, oldSum: 0, newSum: 0 }
  for (const day of days) {
    const { count, oldSum, newSum } = day[at]!
    sums.count += count
    sums.oldSum += oldSum
    sums.newSum += newSum
  }
  return sums
}

/** `unit`: the statistic's value when there is only one day. */
function intervalOf(
  days: readonly DaySums[],
  statistic: (drawn: readonly DaySums[]) => number,
  { level, informativeDays, seconds, unit }: { level: Level; informativeDays: number; seconds: number; unit: number },
): readonly [low: number, high: number] {
  const middle = statistic(days)
  const options = { blockDays, level, rounds, seed, leastDays: 2, informativeDays }
  const [drawn] = dayBootstrap(days, (some) => [statistic(some)], options)
  if (drawn === null || drawn === undefined) return [middle - unit, middle + unit]
  const factor = horizonOf(seconds) === 'low' ? overlapFactor : 1
  return [middle - factor * (middle - drawn.low), middle + factor * (drawn.high - middle)]
}

function groupByDay(scores: readonly PairedScore[], lengths: readonly number[]): Map<number, DaySums> {
  const days = new Map<number, DaySums>()
  for (const { startAtMs, timeLengthSeconds, oldScore, newScore } of scores) {
    const number = Math.floor(startAtMs / dayMs)
    const day = days.get(number) ?? lengths.map(() => ({ count: 0, oldSum: 0, newSum: 0 }))
    days.set(number, day)
    const sums = day[lengths.indexOf(timeLengthSeconds)]!
    sums.count += 1
    sums.oldSum += oldScore
    sums.newSum += newScore
  }
  return days
}

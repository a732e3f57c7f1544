import { z } from 'zod'
import { dayMs } from '../minutes/minute-day.ts'
import { SplitMix64 } from '../random/rng.ts'
import { blockLengthFor, percentileInterval, resampleBlocks } from '../statistics/block-bootstrap.ts'
import { type Level, smallSampleFactor } from '../statistics/small-sample.ts'

/** One prompt scored twice under the same rules: with the parameters of before and with those of after a change. */
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

/** As the ledger keeps it. */
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
// A day's weather is shared by its prompts, and a day-long prompt reaches into the next day.
const blockDays = 2
// Fixed, so that the same scores give the same interval whoever computes it.
const seed = 50n

interface Horizon {
  readonly timeLengthSeconds: number
  readonly oldScores: Float64Array
  readonly newScores: Float64Array
  readonly blockLength: number
  readonly days: ReadonlySet<number>
}

/**
 * Undefined when there is nothing to compare. The interval resamples blocks of two days and is widened for their small
 * number: without that, two weeks of data would call chance a gain three times as often as the level says.
 */
export function comparePairs(scores: readonly PairedScore[], level: Level): PairedComparison | undefined {
  const horizons = groupByHorizon(scores)
  if (horizons.length === 0) return undefined
  const rng = new SplitMix64(seed)
  const drawn = horizons.map((horizon) => drawMeans(horizon, rng.fork(String(horizon.timeLengthSeconds))))
  const described = horizons.map((horizon, at): HorizonComparison => {
    const [oldMean, newMean] = [mean(horizon.oldScores), mean(horizon.newScores)]
    return {
      timeLengthSeconds: horizon.timeLengthSeconds,
      count: horizon.oldScores.length,
      days: horizon.days.size,
      oldMean,
      newMean,
      meanDifference: newMean - oldMean,
      interval: widen(
        percentileInterval(
          drawn[at]!.map((means) => means.newMean - means.oldMean),
          level,
        ),
        newMean - oldMean,
        smallSampleFactor(blockCount(horizon), level),
      ),
    }
  })
  const relative = (means: readonly { readonly oldMean: number; readonly newMean: number }[]): number =>
    means.reduce((sum, { oldMean, newMean }) => sum + (newMean - oldMean) / oldMean, 0) / means.length
  return {
    count: described.reduce((sum, { count }) => sum + count, 0),
    days: new Set(horizons.flatMap(({ days }) => [...days])).size,
    relativeDifference: relative(described),
    interval: widen(
      percentileInterval(
        Array.from({ length: rounds }, (_, round) => relative(drawn.map((means) => means[round]!))),
        level,
      ),
      relative(described),
      smallSampleFactor(Math.min(...horizons.map(blockCount)), level),
    ),
    level,
    horizons: described,
  }
}

function groupByHorizon(scores: readonly PairedScore[]): Horizon[] {
  const usable = scores.filter(
    ({ oldScore, newScore }) => Number.isFinite(oldScore) && Number.isFinite(newScore) && oldScore > 0 && newScore > 0,
  )
  const lengths = [...new Set(usable.map(({ timeLengthSeconds }) => timeLengthSeconds))].sort((a, b) => a - b)
  return lengths.map((timeLengthSeconds) => {
    const own = usable
      .filter((score) => score.timeLengthSeconds === timeLengthSeconds)
      .sort((a, b) => a.startAtMs - b.startAtMs)
    const spanDays = Math.max(1, (own.at(-1)!.startAtMs - own[0]!.startAtMs) / dayMs)
    return {
      timeLengthSeconds,
      oldScores: Float64Array.from(own, ({ oldScore }) => oldScore),
      newScores: Float64Array.from(own, ({ newScore }) => newScore),
      blockLength: blockLengthFor(own.length, Math.ceil((blockDays * own.length) / spanDays)),
      days: new Set(own.map(({ startAtMs }) => Math.floor(startAtMs / dayMs))),
    }
  })
}

function drawMeans({ oldScores, newScores, blockLength }: Horizon, rng: SplitMix64) {
  return Array.from({ length: rounds }, () => {
    let [oldSum, newSum] = [0, 0]
    for (const place of resampleBlocks(oldScores.length, blockLength, rng)) {
      oldSum += oldScores[place]!
      newSum += newScores[place]!
    }
    return { oldMean: oldSum / oldScores.length, newMean: newSum / oldScores.length }
  })
}

function blockCount({ oldScores, blockLength }: Horizon): number {
  return Math.ceil(oldScores.length / blockLength)
}

function widen(
  [low, high]: readonly [number, number],
  middle: number,
  factor: number,
): readonly [low: number, high: number] {
  return [middle - factor * (middle - low), middle + factor * (high - middle)]
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

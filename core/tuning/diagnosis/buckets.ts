import type { Interval } from '#core/base/statistics/day-bootstrap'
import { medianOf } from '#core/synth/scoring/median'
import { ratioByDays } from './ratio-by-days.ts'
import type { ScoredPrediction } from './scored-prediction.ts'

/** Parts of the score that are shown together. */
export const buckets = ['short', 'medium', 'long', 'gaps', 'volatility'] as const
export type Bucket = (typeof buckets)[number]

export interface BucketScore {
  readonly bucket: Bucket
  readonly prompts: number
  /** Share of the bucket in a prompt's total, weights included. */
  readonly mean: number
  readonly median: number
  readonly sd: number | null
  readonly share: number
  readonly baselines: readonly BucketRatio[]
}

export interface BucketRatio {
  readonly model: string
  readonly prompts: number
  /** Ours over theirs: below 1 ours is better. */
  readonly ratio: number
  readonly interval: Interval | null
}

/**
 * Short is up to five minutes, medium up to an hour. Three hours, and prices compared themselves, are long. Undefined
 * for rows that repeat others.
 */
export function bucketOf(name: string): Bucket | undefined {
  if (name === 'Overall' || name === 'Vol') return undefined
  if (name.startsWith('vol_')) return 'volatility'
  if (/gaps$/i.test(name)) return 'gaps'
  const minutes = minutesOf(name)
  if (minutes === undefined) return undefined
  if (name.endsWith('_abs') || minutes > 60) return 'long'
  return minutes <= 5 ? 'short' : 'medium'
}

/** Length of the increments of an interval; undefined for what is none. */
export function minutesOf(name: string): number | undefined {
  const [, count, unit] = /^(\d+)(min|hour)(_abs)?$/.exec(name) ?? []
  return count === undefined ? undefined : Number(count) * (unit === 'hour' ? 60 : 1)
}

export function bucketScores(
  own: readonly ScoredPrediction[],
  others: ReadonlyMap<string, readonly ScoredPrediction[]>,
  blockDays: number,
): BucketScore[] {
  const scored = own.filter(({ total }) => total !== null)
  const whole = scored.reduce((sum, { total }) => sum + total!, 0)
  return buckets.flatMap((bucket): BucketScore[] => {
    const values = scored.flatMap((row) => {
      const part = partOf(row, bucket)
      return part === undefined ? [] : [part]
    })
    if (values.length === 0) return []
    const sum = values.reduce((total, value) => total + value, 0)
    const mean = sum / values.length
    const squares = values.reduce((total, value) => total + (value - mean) ** 2, 0)
    return [
      {
        bucket,
        prompts: values.length,
        mean,
        median: medianOf(values),
        sd: values.length === 1 ? null : Math.sqrt(squares / (values.length - 1)),
        share: whole === 0 ? 0 : sum / whole,
        baselines: [...others].flatMap(([model, rows]) => {
          const compared = ratioByDays(scored, rows, (row) => partOf(row, bucket), blockDays)
          return compared === undefined ? [] : [{ model, ...compared }]
        }),
      },
    ]
  })
}

function partOf({ rows, total }: ScoredPrediction, bucket: Bucket): number | undefined {
  if (total === null) return undefined
  let sum: number | undefined
  for (const { name, crps, weight } of rows) {
    if (bucketOf(name) === bucket) sum = (sum ?? 0) + crps * (weight ?? 1)
  }
  return sum
}

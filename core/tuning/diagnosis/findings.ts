import { dayBootstrap, type Interval } from '#core/base/statistics/day-bootstrap'
import { type Group, sumTallies } from './groups.ts'
import { coverageAt, middle95Of, type Tally, varianceRatio, widthOf } from './tally.ts'

/** How one group of increments was distributed among the served paths. */
export interface Calibration {
  readonly group: string
  readonly increments: number
  readonly prompts: number
  readonly meanCrps: number
  /** 1.12: 12 % too wide. */
  readonly width: number
  readonly widthInterval: Interval | null
  readonly varianceRatio: number
  readonly coverage: readonly LevelCoverage[]
  /** Share within the middle 95 %; null where no row of the present version is among them. */
  readonly middle95: { readonly share: number; readonly interval: Interval | null } | null
  readonly pit: readonly number[]
}

export interface LevelCoverage {
  readonly level: number
  readonly share: number
  readonly interval: Interval | null
}

export const coverageLevels = [0.05, 0.25, 0.5, 0.75, 0.9, 0.95] as const
/** Each subject has about twenty groups: at 95 %, one of them would be reported by chance. */
const confidence = 0.99

export function calibrate(group: Group, blockDays: number): Calibration {
  const { total } = group
  const statistics = (tally: Tally) => [
    widthOf(tally),
    ...coverageLevels.map((level) => coverageAt(tally, level)),
    middle95Of(tally),
  ]
  const [width, ...shares] = dayBootstrap(group.days, (days) => statistics(sumTallies(days)), {
    blockDays,
    level: confidence,
  })
  return {
    group: group.name,
    increments: total.count,
    prompts: group.prompts,
    meanCrps: total.crpsSum / total.count,
    width: widthOf(total),
    widthInterval: within(width, Number.POSITIVE_INFINITY),
    varianceRatio: varianceRatio(total),
    coverage: coverageLevels.map((level, index) => ({
      level,
      share: coverageAt(total, level),
      interval: within(shares[index], 1),
    })),
    middle95:
      total.outerCount === 0 ? null : { share: middle95Of(total), interval: within(shares[coverageLevels.length], 1) },
    pit: [...total.pit].map((count) => count / total.count),
  }
}

/** Widened for few days, an interval may go beyond the possible values of the statistic. */
function within(interval: Interval | null | undefined, most: number): Interval | null {
  if (interval === null || interval === undefined) return null
  return { low: Math.max(0, interval.low), high: Math.min(most, interval.high) }
}

export interface WidthFinding {
  readonly subject: string
  readonly where: string | null
  readonly width: number
  readonly interval: Interval
  readonly prompts: number
  /** Approximate share of the subject's score that the error of width costs. */
  readonly cost: number
}

/** A smaller error is not reported: it costs less than a fiftieth of a per cent. */
const leastWidthError = 0.03

/**
 * The error of width if its interval excludes "right". The cost is that of a normal forecast whose standard deviation
 * is wrong by this much: a quarter of the squared error, for the share of the score in this group.
 */
export function findWidthErrors(
  subject: string,
  calibrations: readonly { readonly calibration: Calibration; readonly where: string | null; readonly share: number }[],
): WidthFinding[] {
  return calibrations.flatMap(({ calibration, where, share }) => {
    const { width, widthInterval, prompts } = calibration
    const isCertain = widthInterval !== null && (widthInterval.low > 1 || widthInterval.high < 1)
    if (!isCertain || Math.abs(width - 1) < leastWidthError) return []
    return [{ subject, where, width, interval: widthInterval, prompts, cost: 0.25 * (width - 1) ** 2 * share }]
  })
}

/** "BTC 24h is 12 % too wide between 00 and 06 UTC (n = 214)". */
export function sentenceOf({ subject, where, width, interval, prompts, cost }: WidthFinding): string {
  const isWide = width > 1
  const percent = (value: number) => Math.abs(100 * (value - 1)).toFixed(0)
  const [near, far] = isWide ? [interval.low, interval.high] : [interval.high, interval.low]
  const place = where === null ? '' : ` ${where}`
  const range = `${percent(near)} to ${percent(far)} %`
  return `${subject} is ${percent(width)} % too ${isWide ? 'wide' : 'narrow'}${place} (n = ${prompts}; ${range}), which costs about ${(100 * cost).toFixed(2)} % of its score.`
}

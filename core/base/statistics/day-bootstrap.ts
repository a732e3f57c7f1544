import { SplitMix64 } from '../random/rng.ts'
import { fewDaysFactor, type Level } from './small-sample.ts'

export interface Interval {
  readonly low: number
  readonly high: number
}

export interface DayBootstrapOptions {
  /** Neighbouring days are drawn together: overlapping prompts share their luck. */
  readonly blockDays: number
  readonly level: Level
  readonly rounds?: number
  readonly seed?: bigint
  /** The result is null for fewer. */
  readonly leastDays?: number
  /** On how many days there is something to see, if not on all of them. */
  readonly informativeDays?: number
}

const defaultRounds = 1000
/** With fewer days little is known about how days differ. */
const defaultLeastDays = 5

/**
 * Intervals of statistics that depend within days and between neighbouring days. Blocks of neighbouring days are drawn
 * with replacement, and the statistics are computed from each draw. The interval around the value of all days is
 * widened because there are few days. Null with too few days, or if a draw has no value.
 */
export function dayBootstrap<Day>(
  days: readonly Day[],
  statistics: (drawn: readonly Day[]) => readonly number[],
  options: DayBootstrapOptions,
): (Interval | null)[] {
  const { blockDays, level, rounds = defaultRounds, seed = 50n, leastDays = defaultLeastDays } = options
  const { informativeDays = days.length } = options
  const middles = statistics(days)
  if (informativeDays < Math.max(leastDays, 2)) return middles.map(() => null)
  const rng = new SplitMix64(seed)
  const length = blockLengthOf(days.length, blockDays)
  const draws: (readonly number[])[] = []
  for (let round = 0; round < rounds; round += 1) {
    const drawn: Day[] = []
    while (drawn.length < days.length) {
      const start = Math.floor(rng.next() * days.length)
      for (let k = 0; k < length && drawn.length < days.length; k += 1) drawn.push(days[(start + k) % days.length]!)
    }
    draws.push(statistics(drawn))
  }
  const cut = Math.floor(((1 - level) / 2) * rounds + 1e-9)
  const factor = fewDaysFactor({
    days: informativeDays,
    blockDays: Math.min(length, blockLengthOf(informativeDays, blockDays)),
    level,
  })
  return middles.map((middle, index) => {
    const values = draws.map((draw) => draw[index]!)
    if (!values.every(Number.isFinite)) return null
    values.sort((a, b) => a - b)
    return {
      low: middle - factor * (middle - values[cut]!),
      high: middle + factor * (values[rounds - 1 - cut]! - middle),
    }
  })
}

/** At least two and a half blocks: with fewer, the remaining spread of the days is too small to widen. */
function blockLengthOf(days: number, wanted: number): number {
  return Math.max(1, Math.min(wanted, Math.floor(days / 2.5)))
}

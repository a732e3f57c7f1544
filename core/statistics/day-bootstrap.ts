import { SplitMix64 } from '../random/rng.ts'

export interface Interval {
  readonly low: number
  readonly high: number
}

export interface DayBootstrapOptions {
  /** Neighbouring days that are drawn together: overlapping prompts share their luck. */
  readonly blockDays: number
  readonly level: number
  readonly rounds?: number
  readonly seed?: bigint
}

const defaultRounds = 1000
/** Fewer days than this say nothing about how days differ. */
export const leastBootstrapDays = 5

/**
 * The intervals of statistics whose dependence lies within days: blocks of neighbouring days are drawn with
 * replacement, and the statistics are made of each draw. Null with too few days, or where a draw has no value.
 */
export function dayBootstrap<Day>(
  days: readonly Day[],
  statistics: (drawn: readonly Day[]) => readonly number[],
  { blockDays, level, rounds = defaultRounds, seed = 50n }: DayBootstrapOptions,
): (Interval | null)[] {
  if (days.length < leastBootstrapDays) return statistics(days).map(() => null)
  const rng = new SplitMix64(seed)
  const length = Math.max(1, Math.min(blockDays, Math.floor(days.length / leastBootstrapDays)))
  const draws: (readonly number[])[] = []
  for (let round = 0; round < rounds; round += 1) {
    const drawn: Day[] = []
    while (drawn.length < days.length) {
      const start = Math.floor(rng.next() * days.length)
      for (let k = 0; k < length && drawn.length < days.length; k += 1) drawn.push(days[(start + k) % days.length]!)
    }
    draws.push(statistics(drawn))
  }
  const cut = Math.floor(((1 - level) / 2) * rounds)
  return draws[0]!.map((_, index) => {
    const values = draws.map((draw) => draw[index]!)
    if (!values.every(Number.isFinite)) return null
    values.sort((a, b) => a - b)
    return { low: values[cut]!, high: values[rounds - 1 - cut]! }
  })
}

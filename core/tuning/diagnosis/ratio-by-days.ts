import { dayBootstrap, type Interval } from '#core/base/statistics/day-bootstrap'
import { dayMs } from '#core/base/time/units'
import type { ScoredPrediction } from './scored-prediction.ts'

export interface Ratio {
  readonly prompts: number
  /** Sum of ours over sum of theirs. */
  readonly ratio: number
  readonly interval: Interval | null
}

export interface RatioPair {
  readonly startAtMs: number
  readonly ours: number
  readonly theirs: number
}

/** Ours over theirs on the prompts that both have under the same rules; undefined if there are none. */
export function ratioByDays(
  own: readonly ScoredPrediction[],
  others: readonly ScoredPrediction[],
  read: (row: ScoredPrediction) => number | undefined,
  blockDays: number,
): Ratio | undefined {
  const keyOf = ({ predictionId, regime }: ScoredPrediction) => `${predictionId}\n${regime}`
  const theirs = new Map(others.map((row) => [keyOf(row), read(row)]))
  return ratioOfPairs(
    own.flatMap((row) => {
      const [our, their] = [read(row), theirs.get(keyOf(row))]
      return our === undefined || their === undefined ? [] : [{ startAtMs: row.startAtMs, ours: our, theirs: their }]
    }),
    blockDays,
  )
}

export function ratioOfPairs(pairs: readonly RatioPair[], blockDays: number): Ratio | undefined {
  if (pairs.length === 0) return undefined
  const days = new Map<number, { ours: number; theirs: number }>()
  for (const { startAtMs, ours, theirs } of pairs) {
    const number = Math.floor(startAtMs / dayMs)
    const day = days.get(number) ?? { ours: 0, theirs: 0 }
    days.set(number, day)
    day.ours += ours
    day.theirs += theirs
  }
  const ascending = [...days].sort(([a], [b]) => a - b).map(([, day]) => day)
  const ratio = (drawn: typeof ascending) =>
    drawn.reduce((sum, day) => sum + day.ours, 0) / drawn.reduce((sum, day) => sum + day.theirs, 0)
  const [interval] = dayBootstrap(ascending, (drawn) => [ratio([...drawn])], { blockDays, level: 0.95 })
  return { prompts: pairs.length, ratio: ratio(ascending), interval: interval ?? null }
}

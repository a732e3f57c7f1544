import { newYorkOffsetMs } from '../time/new-york.ts'

/**
 * How large a move is at each half-hour of New York's day, on working days and at weekends, relative to the week's average.
 * Its clock, not UTC: what moves markets, crypto too, is the American session, which shifts with summer time.
 * Learned from absolute returns, which a single jump cannot bend as it bends squares.
 */
export interface WeekCurve {
  /** 48 half-hours of a working day, then 48 of a weekend day. */
  readonly scales: readonly number[]
}

const slotMs = 30 * 60_000
const slotsPerDay = 48
const dayMs = 86_400_000
export const flatWeekCurve: WeekCurve = { scales: new Array<number>(2 * slotsPerDay).fill(1) }

/** How many returns an average half-hour must have before the data outweigh the neighbours. */
const priorWeight = 20
/** A return this many times its day's level says no more about the half-hour than one at the bound. */
const outlierBound = 8

export function slotAt(atMs: number): number {
  const localMs = atMs + newYorkOffsetMs(atMs)
  // The weekend stays that of UTC: crypto's quiet begins and ends with its days.
  const day = Math.floor(atMs / dayMs)
  // 1970-01-01 was a Thursday.
  const weekday = (day + 4) % 7
  const isWeekend = weekday === 0 || weekday === 6
  return Math.floor((localMs - Math.floor(localMs / dayMs) * dayMs) / slotMs) + (isWeekend ? slotsPerDay : 0)
}

export function scaleAt(curve: WeekCurve, atMs: number): number {
  return curve.scales[slotAt(atMs)]!
}

/** `atMs(i)` is the time of return i; `level[i]` the slow level it is compared with (NaN where unknown). */
export function fitWeekCurve(
  returns: Float64Array,
  level: Float64Array,
  atMs: (i: number) => number,
  until: number,
): WeekCurve {
  const sums = new Float64Array(2 * slotsPerDay)
  const counts = new Float64Array(2 * slotsPerDay)
  for (let i = 0; i < until; i += 1) {
    const ratio = returns[i]! / level[i]!
    if (!Number.isFinite(ratio)) continue
    const slot = slotAt(atMs(i))
    sums[slot]! += Math.min(ratio, outlierBound)
    counts[slot]! += 1
  }
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total === 0) return flatWeekCurve
  const mean = sums.reduce((sum, value) => sum + value, 0) / total
  // Half-hours with little data lean on the same half-hour of the other kind of day, and that on the average.
  const pooled = Array.from({ length: slotsPerDay }, (_, slot) => {
    const count = counts[slot]! + counts[slot + slotsPerDay]!
    return (sums[slot]! + sums[slot + slotsPerDay]! + mean * priorWeight) / (count + priorWeight)
  })
  const scales = Array.from({ length: 2 * slotsPerDay }, (_, slot) => {
    const prior = pooled[slot % slotsPerDay]!
    return (sums[slot]! + prior * priorWeight) / (counts[slot]! + priorWeight) / mean
  })
  return { scales }
}

import { newYorkOffsetMs } from '#core/base/time/new-york'
import { dayMinutes, hourMinutes, minuteMs, weekMinutes, weekMs } from '#core/base/time/units'
import type { RhythmName } from './synthetic-assets.ts'

/**
 * How active a market is by the clock: a factor on volatility for each minute of the week, with mean square 1, so that
 * the root mean square over whole weeks is the asset's own number. Hours are joined by straight lines.
 */
interface Rhythm {
  readonly zone: 'utc' | 'newYork'
  /** Factor in the middle of each hour of a working day. */
  readonly hours: readonly number[]
  /** Factor of each day, Sunday first. */
  readonly days: readonly number[]
}

const rhythms: Readonly<Record<RhythmName, Rhythm>> = {
  crypto: {
    zone: 'utc',
    hours: [
      1.07, 1.03, 0.95, 0.78, 0.72, 0.71, 0.76, 0.8, 0.83, 0.8, 0.73, 0.77, 0.97, 1.19, 1.42, 1.3, 1.17, 1.2, 1.1, 1.06,
      1.1, 1.15, 0.99, 0.89,
    ],
    days: [0.8, 1.13, 1.1, 1.06, 1.04, 1.08, 0.65],
  },
  // Perpetuals on shares: open round the clock, active in the exchange's session, quiet at night and at weekends.
  usSession: {
    zone: 'newYork',
    hours: [
      0.6, 0.52, 0.48, 0.5, 0.62, 0.7, 0.76, 1, 1.1, 2.3, 1.8, 1.45, 1.25, 1.15, 1.2, 1.45, 0.85, 0.55, 0.65, 0.7, 0.8,
      0.75, 0.65, 0.6,
    ],
    days: [0.4, 1.15, 1.12, 1.1, 1.12, 1.05, 0.3],
  },
  metal: {
    zone: 'utc',
    hours: [
      0.98, 1.2, 1.05, 0.82, 0.72, 0.87, 0.92, 0.82, 1, 0.82, 0.73, 0.75, 0.85, 1.1, 1.18, 1.3, 1.1, 0.95, 1, 0.9, 0.82,
      1.1, 0.85, 1.15,
    ],
    days: [0.6, 1.12, 1.02, 1.04, 1.12, 1.15, 0.5],
  },
  energy: {
    zone: 'newYork',
    hours: [
      0.6, 0.7, 0.85, 1, 1, 0.92, 0.95, 1.1, 1.35, 1.65, 1.6, 1.35, 1.2, 1.2, 1.3, 0.85, 0.7, 0.5, 1, 0.75, 0.75, 0.65,
      0.5, 0.5,
    ],
    days: [0.5, 1.15, 1.1, 1.15, 1.1, 1.1, 0.3],
  },
}

/** The epoch began on a Thursday. */
const firstSundayMs = 3 * dayMinutes * minuteMs

const tables = new Map<RhythmName, Float64Array>()

/**
 * A day of factors, one per minute. `dayStartMs` is a UTC midnight. The change to summer time is on a quiet Sunday and
 * counts from its midnight.
 */
export function rhythmOfDay(name: RhythmName, dayStartMs: number): Float64Array {
  let table = tables.get(name)
  if (table === undefined) {
    table = weekTable(rhythms[name])
    tables.set(name, table)
  }
  const localMs = rhythms[name].zone === 'utc' ? dayStartMs : dayStartMs + newYorkOffsetMs(dayStartMs)
  const start = ((((localMs - firstSundayMs) % weekMs) + weekMs) % weekMs) / minuteMs
  const factors = new Float64Array(dayMinutes)
  for (let minute = 0; minute < dayMinutes; minute += 1) factors[minute] = table[(start + minute) % weekMinutes]!
  return factors
}

function weekTable(rhythm: Rhythm): Float64Array {
  const table = new Float64Array(weekMinutes)
  let sumOfSquares = 0
  for (let minute = 0; minute < weekMinutes; minute += 1) {
    const day = rhythm.days[Math.floor(minute / dayMinutes)]!
    const value = day * hourFactor(rhythm.hours, (minute % dayMinutes) / hourMinutes)
    table[minute] = value
    sumOfSquares += value * value
  }
  const norm = Math.sqrt(sumOfSquares / weekMinutes)
  return table.map((value) => value / norm)
}

function hourFactor(hours: readonly number[], hour: number): number {
  const before = Math.floor(hour - 0.5)
  const share = hour - 0.5 - before
  return hours[(before + 24) % 24]! * (1 - share) + hours[(before + 1) % 24]! * share
}

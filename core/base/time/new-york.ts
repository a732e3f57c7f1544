import { dayMs, hourMs } from './units.ts'

/**
 * New York's offset from UTC by the rule since 2007: summer time from the second Sunday of March to the first of
 * November.
 */
export function newYorkOffsetMs(atMs: number): number {
  if (!(atMs >= year.fromMs && atMs < year.toMs)) year = yearOf(atMs)
  return atMs >= year.summerFromMs && atMs < year.summerToMs ? -4 * hourMs : -5 * hourMs
}

/** The instant at which New York's clock shows this, given as if it were UTC. */
export function fromNewYorkClock(localMs: number): number {
  // Read as winter time it is wrong by an hour at most, which matters only while the clock changes.
  return localMs - newYorkOffsetMs(localMs + 5 * hourMs)
}

interface Year {
  readonly fromMs: number
  readonly toMs: number
  readonly summerFromMs: number
  readonly summerToMs: number
}

/** The year of the last call: a replay of minutes asks for the same one a million times. */
let year: Year = yearOf(0)

function yearOf(atMs: number): Year {
  const number = new Date(atMs).getUTCFullYear()
  return {
    fromMs: Date.UTC(number, 0, 1),
    toMs: Date.UTC(number + 1, 0, 1),
    summerFromMs: nthSundayMs(number, 2, 2) + 7 * hourMs, // 02:00 standard time
    summerToMs: nthSundayMs(number, 10, 1) + 6 * hourMs, // 02:00 summer time
  }
}

function nthSundayMs(year: number, month: number, n: number): number {
  const firstMs = Date.UTC(year, month, 1)
  const daysToSunday = (7 - new Date(firstMs).getUTCDay()) % 7
  return firstMs + (daysToSunday + 7 * (n - 1)) * dayMs
}

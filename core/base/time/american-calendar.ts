import { newYorkOffsetMs } from './new-york.ts'
import { dayMs } from './units.ts'

/**
 * Dates known long before that move markets, or keep them still. `release`: the two figures of America's Bureau of
 * Labor Statistics that move prices most (consumer prices and employment, 08:30 in New York). `decision`: those of the
 * Federal Reserve (14:00, half an hour before the chair speaks). `holiday`: the days on which New York's exchange is
 * closed.
 */
export type EventKind = 'release' | 'decision' | 'holiday'
export const announcements = ['consumerPrices', 'employment', 'rateDecision'] as const
export type Announcement = (typeof announcements)[number]

export interface DayEvent {
  readonly kind: EventKind
  /** Absent: a holiday. */
  readonly name?: Announcement
  /** After midnight in New York. */
  readonly atMinute: number
}

const releaseMinute = 8 * 60 + 30
const decisionMinute = 14 * 60
const none: readonly DayEvent[] = []

/** Days since 1970 on New York's clock. */
export function newYorkDay(atMs: number): number {
  return Math.floor((atMs + newYorkOffsetMs(atMs)) / dayMs)
}

/** The events of a day, counted as `newYorkDay` does. */
export function eventsOn(day: number): readonly DayEvent[] {
  if (!(day >= known.fromDay && day < known.toDay)) known = yearAround(day)
  return known.events.get(day) ?? none
}

/** The last day on which one of these is known. Employment follows a rule and never ends. */
export function lastKnownDay(name: Announcement): number {
  if (name === 'employment') return Number.POSITIVE_INFINITY
  return (name === 'consumerPrices' ? consumerPrices : decisions).at(-1)!
}

/**
 * From the announcements of the statistical office and the Federal Reserve. The office publishes a year's dates in the
 * autumn before. A year that is not listed yet has only employment and holidays, which follow rules.
 */
const consumerPrices = [
  '2024-01-11 2024-02-13 2024-03-12 2024-04-10 2024-05-15 2024-06-12',
  '2024-07-11 2024-08-14 2024-09-11 2024-10-10 2024-11-13 2024-12-11',
  '2025-01-15 2025-02-12 2025-03-12 2025-04-10 2025-05-13 2025-06-11',
  '2025-07-15 2025-08-12 2025-09-11 2025-10-24 2025-12-18',
  '2026-01-13 2026-02-13 2026-03-11 2026-04-10 2026-05-12 2026-06-10',
  '2026-07-14 2026-08-12 2026-09-11 2026-10-14 2026-11-10 2026-12-10',
].flatMap(parseDays)

const decisions = [
  '2024-01-31 2024-03-20 2024-05-01 2024-06-12 2024-07-31 2024-09-18 2024-11-07 2024-12-18',
  '2025-01-29 2025-03-19 2025-05-07 2025-06-18 2025-07-30 2025-09-17 2025-10-29 2025-12-10',
  '2026-01-28 2026-03-18 2026-04-29 2026-06-17 2026-07-29 2026-09-16 2026-10-28 2026-12-09',
  '2027-01-27 2027-03-17 2027-04-28 2027-06-09 2027-07-28 2027-09-15 2027-10-27 2027-12-08 2028-01-26',
].flatMap(parseDays)

/** Months (from 0) in which the office was closed or late; null is a month without a report. */
const unusualEmployment: Readonly<Record<string, number | null>> = {
  '2025-9': null,
  '2025-10': dayOf(2025, 10, 20),
  '2025-11': dayOf(2025, 11, 16),
  '2026-1': dayOf(2026, 1, 11),
}
/** The exchange was closed in memory of a president. */
const unusualHolidays = parseDays('2025-01-09')

function parseDays(text: string): number[] {
  return text.split(' ').map((date) => Date.parse(date) / dayMs)
}

function dayOf(year: number, month: number, date: number): number {
  return Date.UTC(year, month, date) / dayMs
}

interface KnownYear {
  readonly fromDay: number
  readonly toDay: number
  readonly events: ReadonlyMap<number, readonly DayEvent[]>
}

/** The year of the last call: a replay of minutes asks for the same one a million times. */
let known: KnownYear = { fromDay: 0, toDay: 0, events: new Map() }

function yearAround(day: number): KnownYear {
  const year = new Date(day * dayMs).getUTCFullYear()
  const fromDay = dayOf(year, 0, 1)
  const toDay = dayOf(year + 1, 0, 1)
  const isInYear = (other: number): boolean => other >= fromDay && other < toDay
  const events = new Map<number, DayEvent[]>()
  const note = (days: readonly number[], event: DayEvent): void => {
    for (const one of days.filter(isInYear)) events.set(one, [...(events.get(one) ?? []), event])
  }
  note(consumerPrices, { kind: 'release', name: 'consumerPrices', atMinute: releaseMinute })
  note(employmentDays(year), { kind: 'release', name: 'employment', atMinute: releaseMinute })
  note(decisions, { kind: 'decision', name: 'rateDecision', atMinute: decisionMinute })
  note([...exchangeHolidays(year), ...unusualHolidays], { kind: 'holiday', atMinute: 0 })
  return { fromDay, toDay, events }
}

/** 0 is Sunday; 1970-01-01 was a Thursday. */
function weekdayOf(day: number): number {
  return (((day + 4) % 7) + 7) % 7
}

/**
 * The report on a month comes on the third Friday after the week that contains the month's 12th, a week later if that
 * Friday is New Year's.
 */
function employmentDays(year: number): number[] {
  return Array.from({ length: 12 }, (_, month) => {
    const unusual = unusualEmployment[`${year}-${month}`]
    if (unusual !== undefined) return unusual
    const twelfth = dayOf(year, month - 1, 12)
    const friday = twelfth + (6 - weekdayOf(twelfth)) + 20
    if (month === 0 && friday <= dayOf(year, 0, 3)) return friday + 7
    return friday === workdayNear(dayOf(year, 6, 4)) ? friday - 1 : friday
  }).filter((day) => day !== null)
}

function exchangeHolidays(year: number): number[] {
  const newYear = dayOf(year, 0, 1)
  return [
    // New Year on a Saturday would be observed in the old year: the exchange does not do that.
    ...(weekdayOf(newYear) === 6 ? [] : [workdayNear(newYear)]),
    nthWeekday(year, 0, 1, 3),
    nthWeekday(year, 1, 1, 3),
    easterSunday(year) - 2,
    // The last Monday of May.
    nthWeekday(year, 5, 1, 1) - 7,
    workdayNear(dayOf(year, 5, 19)),
    workdayNear(dayOf(year, 6, 4)),
    nthWeekday(year, 8, 1, 1),
    nthWeekday(year, 10, 4, 4),
    workdayNear(dayOf(year, 11, 25)),
  ]
}

/** A holiday on Saturday is observed on Friday, one on Sunday on Monday. */
function workdayNear(day: number): number {
  const weekday = weekdayOf(day)
  return weekday === 6 ? day - 1 : weekday === 0 ? day + 1 : day
}

function nthWeekday(year: number, month: number, weekday: number, n: number): number {
  const first = dayOf(year, month, 1)
  return first + ((weekday - weekdayOf(first) + 7) % 7) + 7 * (n - 1)
}

/** Sunday after the first full moon of spring, by the church's tables (Gregorian computus). */
function easterSunday(year: number): number {
  const golden = year % 19
  const century = Math.floor(year / 100)
  const correction = century - Math.floor(century / 4) - Math.floor((8 * century + 13) / 25)
  const epact = (((correction + 19 * golden + 15) % 30) + 30) % 30
  const moon = epact - (epact === 29 || (epact === 28 && golden > 10) ? 1 : 0)
  const moonDay = dayOf(year, 2, 21) + moon
  return moonDay + 7 - weekdayOf(moonDay)
}

import { midnightSeconds } from './midnight-seconds.ts'
import { daySeconds, hourSeconds } from './units.ts'

/**
 * Times on the wire, as Python's `datetime.fromisoformat` reads them. Wall clock and offset are kept separate, because
 * the validator itself reads the same text in two ways: the answer check uses the offset, the price fetch ignores it.
 */
export interface PythonDatetime {
  /** The wall-clock fields read as if they were UTC. */
  readonly wallSeconds: number
  readonly microseconds: number
  /** Null for a text without offset. */
  readonly offsetSeconds: number | null
}

const calendarDate = /^(\d{4})-(\d{2})-(\d{2})|^(\d{4})(\d{2})(\d{2})/
const weekDate = /^(\d{4})(?:-W(\d{2})(?:-(\d))?|W(\d{2})(\d)?)/
const clockTime = /^(\d{2})(?::(\d{2})(?::(\d{2})(?:[.,](\d+))?)?|(\d{2})(?:(\d{2})(?:[.,](\d+))?)?)?/
const utcOffset = /^([+-])(\d{2})(?::(\d{2})(?::(\d{2}))?|(\d{2})(\d{2})?)?$/

/** Null where Python raises ValueError. */
export function parsePythonDatetime(text: string): PythonDatetime | null {
  const date = parseDate(text)
  if (date === null) return null
  const rest = text.slice(date.length)
  if (rest === '') return { wallSeconds: date.seconds, microseconds: 0, offsetSeconds: null }
  // Any one character may stand between date and time.
  const time = clockTime.exec(rest.slice(1))
  if (time === null) return null
  const hour = Number(time[1])
  const minute = Number(time[2] ?? time[5] ?? 0)
  const second = Number(time[3] ?? time[6] ?? 0)
  if (hour > 23 || minute > 59 || second > 59) return null
  const microseconds = Number((time[4] ?? time[7] ?? '').slice(0, 6).padEnd(6, '0'))
  const offset = parseOffset(rest.slice(1 + time[0].length))
  if (offset === undefined) return null
  return { wallSeconds: date.seconds + hour * hourSeconds + minute * 60 + second, microseconds, offsetSeconds: offset }
}

/** Whole seconds since the epoch. A text without offset is read as UTC, the time zone of the validator's host. */
export function instantSecondsOf(time: PythonDatetime): number {
  return time.wallSeconds - (time.offsetSeconds ?? 0)
}

/** `YYYY-MM-DDTHH:MM:SS+00:00`, as the wire carries it. */
export function utcText(epochSeconds: number): string {
  return `${new Date(epochSeconds * 1000).toISOString().slice(0, 19)}+00:00`
}

function parseDate(text: string): { seconds: number; length: number } | null {
  const week = weekDate.exec(text)
  if (week !== null) return parseWeekDate(week)
  const match = calendarDate.exec(text)
  if (match === null) return null
  const year = Number(match[1] ?? match[4])
  const month = Number(match[2] ?? match[5])
  const day = Number(match[3] ?? match[6])
  const seconds = midnightSeconds(year, month, day)
  return seconds === undefined ? null : { seconds, length: match[0].length }
}

function parseWeekDate(match: RegExpExecArray): { seconds: number; length: number } | null {
  const year = Number(match[1])
  const week = Number(match[2] ?? match[4])
  const weekday = Number(match[3] ?? match[5] ?? 1)
  const isLongYear = isoWeekday(year, 1, 1) === 4 || isoWeekday(year, 12, 31) === 4
  if (year === 0 || week < 1 || week > (isLongYear ? 53 : 52) || weekday < 1 || weekday > 7) return null
  // Week 1 is the one that holds 4 January.
  const fourth = midnightSeconds(year, 1, 4) as number
  const days = (week - 1) * 7 + weekday - isoWeekday(year, 1, 4)
  return { seconds: fourth + days * daySeconds, length: match[0].length }
}

function isoWeekday(year: number, month: number, day: number): number {
  return new Date((midnightSeconds(year, month, day) ?? 0) * 1000).getUTCDay() || 7
}

function parseOffset(text: string): number | null | undefined {
  if (text === '') return null
  if (text === 'Z') return 0
  const match = utcOffset.exec(text)
  if (match === null) return undefined
  const minute = Number(match[3] ?? match[5] ?? 0)
  const second = Number(match[4] ?? match[6] ?? 0)
  const size = Number(match[2]) * hourSeconds + minute * 60 + second
  if (minute > 59 || second > 59 || size >= daySeconds) return undefined
  return match[1] === '-' ? -size : size
}

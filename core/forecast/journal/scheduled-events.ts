import { type Announcement, announcements, eventsOn, lastKnownDay, newYorkDay } from '#core/base/time/american-calendar'
import { fromNewYorkClock } from '#core/base/time/new-york'
import { dayMs, minuteMs } from '#core/base/time/units'

/** A moment that is known long before, at which prices may jump. */
export interface ScheduledEvent {
  /** One of our calendar's announcements, or a name of the operator's. */
  readonly name: string
  readonly atMs: number
}

/** A forecast from so long before sees the jump, and one from so long after what it leaves. */
const beforeMs = 15 * minuteMs
const afterMs = 30 * minuteMs

/** The event in whose window this instant is: those of our calendar first, then the operator's. */
export function eventAround(atMs: number, added: readonly ScheduledEvent[]): ScheduledEvent | undefined {
  const isAround = (event: ScheduledEvent) => atMs >= event.atMs - beforeMs && atMs < event.atMs + afterMs
  return announcedOn(newYorkDay(atMs)).find(isAround) ?? added.find(isAround)
}

/** None is so near to midnight that its window reaches another day. */
function announcedOn(day: number): ScheduledEvent[] {
  return eventsOn(day).flatMap(({ name, atMinute }) =>
    name === undefined ? [] : [{ name, atMs: fromNewYorkClock(day * dayMs + atMinute * minuteMs) }],
  )
}

/** "2027-03-10 08:30 consumerPrices", on New York's clock; undefined: it is no such line. */
export function readScheduledEvent(line: string): ScheduledEvent | undefined {
  const parts = /^(\d{4}-\d\d-\d\d) ((?:[01]\d|2[0-3]):[0-5]\d) ([A-Za-z][A-Za-z0-9 -]{0,39})$/.exec(line.trim())
  if (parts === null) return undefined
  const [, day = '', time = '', name = ''] = parts
  const localMs = Date.parse(`${day}T${time}Z`)
  // The 30th of February is read as the 2nd of March.
  if (Number.isNaN(localMs) || new Date(localMs).toISOString().slice(0, 10) !== day) return undefined
  return { name, atMs: fromNewYorkClock(localMs) }
}

/** Lines that are none were refused when the settings were read. */
export function readScheduledEvents(lines: readonly string[]): ScheduledEvent[] {
  return lines.flatMap((line) => readScheduledEvent(line) ?? [])
}

interface CalendarEnd {
  readonly name: Announcement
  /** The last one that is known, such as 2026-12-10. */
  readonly lastDay: string
}

/** Announcements of which no further date is known, neither in our calendar nor from the operator. */
export function endedAnnouncements(added: readonly ScheduledEvent[], nowMs: number): CalendarEnd[] {
  return announcements.flatMap((name) => {
    const own = added.filter((event) => event.name === name).map(({ atMs }) => newYorkDay(atMs))
    const last = Math.max(lastKnownDay(name), ...own)
    return last >= newYorkDay(nowMs) ? [] : [{ name, lastDay: new Date(last * dayMs).toISOString().slice(0, 10) }]
  })
}

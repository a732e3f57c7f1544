import { describe, expect, it } from 'vitest'
import { type EventKind, eventsOn, newYorkDay } from './american-calendar.ts'
import { dayMs } from './units.ts'

function daysOf(kind: EventKind, year: number): string[] {
  const days: string[] = []
  for (let day = Date.UTC(year, 0, 1) / dayMs; day < Date.UTC(year + 1, 0, 1) / dayMs; day += 1) {
    if (eventsOn(day).some((event) => event.kind === kind)) days.push(new Date(day * dayMs).toISOString().slice(5, 10))
  }
  return days
}

describe('eventsOn', () => {
  it('knows the days on which New York was shut', () => {
    const shut = '01-01 01-15 02-19 03-29 05-27 06-19 07-04 09-02 11-28 12-25'.split(' ')
    expect(daysOf('holiday', 2024)).toEqual(shut)
    const withMourning = '01-01 01-09 01-20 02-17 04-18 05-26 06-19 07-04 09-01 11-27 12-25'.split(' ')
    expect(daysOf('holiday', 2025)).toEqual(withMourning)
    const keptOnFriday = '01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25'.split(' ')
    expect(daysOf('holiday', 2026)).toEqual(keptOnFriday)
    // New Year's day of 2022 was a Saturday, Christmas and New Year's of the winter after it Sundays.
    expect(daysOf('holiday', 2022)).toEqual('01-17 02-21 04-15 05-30 06-20 07-04 09-05 11-24 12-26'.split(' '))
    expect(daysOf('holiday', 2023)[0]).toBe('01-02')
  })
  it('knows when figures and decisions came out', () => {
    expect(daysOf('release', 2024)).toEqual(
      (
        '01-05 01-11 02-02 02-13 03-08 03-12 04-05 04-10 05-03 05-15 06-07 06-12 ' +
        '07-05 07-11 08-02 08-14 09-06 09-11 10-04 10-10 11-01 11-13 12-06 12-11'
      ).split(' '),
    )
    expect(daysOf('release', 2025)).toEqual(
      (
        '01-10 01-15 02-07 02-12 03-07 03-12 04-04 04-10 05-02 05-13 06-06 06-11 ' +
        '07-03 07-15 08-01 08-12 09-05 09-11 10-24 11-20 12-16 12-18'
      ).split(' '),
    )
    expect(daysOf('release', 2026)).toEqual(
      (
        '01-09 01-13 02-11 02-13 03-06 03-11 04-03 04-10 05-08 05-12 06-05 06-10 ' +
        '07-02 07-14 08-07 08-12 09-04 09-11 10-02 10-14 11-06 11-10 12-04 12-10'
      ).split(' '),
    )
    expect(daysOf('decision', 2025)).toEqual('01-29 03-19 05-07 06-18 07-30 09-17 10-29 12-10'.split(' '))
  })
  it('has employment once a month in years without a table', () => {
    for (const year of [2027, 2028, 2031]) {
      const months = daysOf('release', year).map((date) => date.slice(0, 2))
      expect(months).toEqual(Array.from({ length: 12 }, (_, month) => String(month + 1).padStart(2, '0')))
    }
  })
  it('says when in the day of New York, summer or winter', () => {
    expect(eventsOn(newYorkDay(Date.UTC(2025, 5, 18, 18)))).toEqual([
      { kind: 'decision', name: 'rateDecision', atMinute: 840 },
    ])
    expect(eventsOn(newYorkDay(Date.UTC(2025, 0, 15, 13, 30)))).toEqual([
      { kind: 'release', name: 'consumerPrices', atMinute: 510 },
    ])
    // Still the 14th in New York.
    expect(eventsOn(newYorkDay(Date.UTC(2025, 0, 15, 4)))).toEqual([])
  })
})

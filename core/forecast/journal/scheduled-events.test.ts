import { describe, expect, it } from 'vitest'
import { endedAnnouncements, eventAround, readScheduledEvent } from './scheduled-events.ts'

const at = (text: string) => Date.parse(text)

describe('eventAround', () => {
  it.each([
    ['consumer prices in winter', '2026-12-10T13:30:00Z', 'consumerPrices'],
    ['consumer prices in summer', '2026-07-14T12:30:00Z', 'consumerPrices'],
    ['employment in summer', '2026-08-07T12:30:00Z', 'employment'],
    ['employment by its rule, years ahead', '2031-01-10T13:30:00Z', 'employment'],
    ['the week after the clocks went forward', '2026-03-11T12:30:00Z', 'consumerPrices'],
    ['the week after the clocks went back', '2026-11-06T13:30:00Z', 'employment'],
    ['a rate decision in winter', '2026-12-09T19:00:00Z', 'rateDecision'],
    ['a rate decision in summer', '2026-06-17T18:00:00Z', 'rateDecision'],
  ])('knows %s, from 15 minutes before to 30 minutes after', (_, announced, name) => {
    const event = { name, atMs: at(announced) }
    const around = (minutes: number) => eventAround(event.atMs + minutes * 60_000, [])
    expect([-15, 0, 29.99].map(around)).toEqual([event, event, event])
    expect([-15.01, 30, 60, -60].map(around)).toEqual([undefined, undefined, undefined, undefined])
  })
  it("knows no holidays, and takes the operator's dates", () => {
    expect(eventAround(at('2026-12-25T05:00:00Z'), [])).toBeUndefined()
    const own = readScheduledEvent('2027-01-13 23:55 my talk')!
    expect(eventAround(at('2027-01-14T05:20:00Z'), [own])).toEqual({ name: 'my talk', atMs: at('2027-01-14T04:55Z') })
  })
})

describe('readScheduledEvent', () => {
  it.each([
    ['2027-01-13 08:30 consumerPrices', '2027-01-13T13:30Z'],
    ['2027-07-14 08:30 consumerPrices', '2027-07-14T12:30Z'],
    ['2027-03-14 01:30 before the clocks go forward', '2027-03-14T06:30Z'],
    ['2027-03-14 03:30 and after it', '2027-03-14T07:30Z'],
  ])('reads %s on the clock of New York', (line, instant) => {
    expect(readScheduledEvent(line)).toEqual({ name: line.slice(17), atMs: at(instant) })
  })
  it.each([
    '',
    '2027-01-13 consumerPrices',
    '2027-02-30 08:30 x',
    '2027-01-13 24:00 x',
    '2027-01-13 08:30',
    '2027-01-13T08:30Z x',
    `2027-01-13 08:30 ${'x'.repeat(41)}`,
    '2027-01-13 08:30 <b>',
  ])('refuses "%s"', (line) => {
    expect(readScheduledEvent(line)).toBeUndefined()
  })
})

describe('endedAnnouncements', () => {
  it('names what has run out, and not what follows a rule', () => {
    expect(endedAnnouncements([], at('2026-12-11T04:59Z'))).toEqual([])
    const prices = { name: 'consumerPrices', lastDay: '2026-12-10' }
    expect(endedAnnouncements([], at('2026-12-11T05:00Z'))).toEqual([prices])
    const decisions = { name: 'rateDecision', lastDay: '2028-01-26' }
    expect(endedAnnouncements([], at('2031-01-01T12:00Z'))).toEqual([prices, decisions])
  })
  it("counts the operator's dates of the same name only", () => {
    const nowMs = at('2026-12-20T12:00Z')
    const added = (line: string) => endedAnnouncements([readScheduledEvent(line)!], nowMs).map(({ name }) => name)
    expect(added('2027-01-13 08:30 consumerPrices')).toEqual([])
    expect(added('2027-01-13 08:30 my talk')).toEqual(['consumerPrices'])
    expect(added('2026-12-15 08:30 consumerPrices')).toEqual(['consumerPrices'])
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hourSeconds } from '#core/base/time/units'
import { parseStartTime, startTimeText } from './start-time.ts'

const seconds = fc.integer({ min: -62_135_596_800, max: 253_402_300_799 })

describe('parseStartTime', () => {
  it("V28 reads the protocol's own example", () => {
    expect(parseStartTime('2026-05-25T12:01:00+00:00')).toBe(1_779_710_460)
  })

  it('reads back every instant of the years 1 to 9999 that it writes', () => {
    fc.assert(
      fc.property(seconds, (at) => {
        expect(parseStartTime(startTimeText(at))).toBe(at)
      }),
    )
  })

  it('honours every offset exactly', () => {
    const offset = fc.record({
      sign: fc.constantFrom('+', '-'),
      hours: fc.nat(23),
      minutes: fc.nat(59),
      colon: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), offset, (at, { sign, hours, minutes, colon }) => {
        const shift = (sign === '-' ? -1 : 1) * (hours * hourSeconds + minutes * 60)
        const local = new Date((at + shift) * 1_000).toISOString().slice(0, 19)
        const two = (value: number) => String(value).padStart(2, '0')
        expect(parseStartTime(`${local}${sign}${two(hours)}${colon ? ':' : ''}${two(minutes)}`)).toBe(at)
      }),
    )
  })

  it('gives the instant that Date gives, or none', () => {
    const two = fc.integer({ min: 0, max: 99 }).map((value) => String(value).padStart(2, '0'))
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9_999 }),
        two,
        two,
        two,
        two,
        two,
        (year, month, day, hour, minute, second) => {
          const text = `${String(year).padStart(4, '0')}-${month}-${day}T${hour}:${minute}:${second}+00:00`
          const parsed = parseStartTime(text)
          if (parsed !== undefined) expect(startTimeText(parsed)).toBe(text)
          else
            expect(isRealClock(year, Number(month), Number(day), Number(hour), Number(minute), Number(second))).toBe(
              false,
            )
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it('never throws and never answers for text that only looks like a time', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 45 }), (text) => {
        const parsed = parseStartTime(text)
        if (parsed !== undefined) expect(text).toMatch(/^\d{4}-\d\d-\d\d/)
      }),
    )
  })
})

function isRealClock(year: number, month: number, day: number, hour: number, minute: number, second: number): boolean {
  const days = [
    31,
    year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28,
    31,
    30,
    31,
    30,
    31,
    31,
    30,
    31,
    30,
    31,
  ]
  return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1]! && hour < 24 && minute < 60 && second < 60
}

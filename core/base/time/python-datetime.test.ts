import { describe, expect, it } from 'vitest'
import { instantSecondsOf, parsePythonDatetime, utcText } from './python-datetime.ts'

const noon = Date.UTC(2026, 4, 29, 12, 2) / 1000

describe('parsePythonDatetime', () => {
  it.each([
    ['2026-05-29T12:02:00+00:00', noon, 0],
    ['2026-05-29T12:02:00Z', noon, 0],
    ['2026-05-29 12:02', noon, null],
    ['20260529T120200+0530', noon, 19_800],
    ['2026-W22-5T1202', noon, null],
    ['2026W225T12:02:00-02', noon, -7200],
    ['2026-W53-7', Date.UTC(2027, 0, 3) / 1000, null],
    ['2026-05-29', Date.UTC(2026, 4, 29) / 1000, null],
  ])('reads %s', (text, wallSeconds, offsetSeconds) => {
    expect(parsePythonDatetime(text)).toEqual({ wallSeconds, microseconds: 0, offsetSeconds })
  })

  it.each([
    'soon',
    '2026-05',
    '2026-5-29',
    '2026-02-30',
    '2026-W54-1',
    '2026-05-29T',
    '2026-05-29T24:00',
    '2026-05-29T12:0200',
    '2026-05-29T12:02:00.',
    '2026-05-29T12:02:00+24:00',
    '2026-05-29T12:02:00z',
  ])('refuses %s', (text) => expect(parsePythonDatetime(text)).toBeNull())

  it('cuts fractions at microseconds', () => {
    expect(parsePythonDatetime('2026-05-29T12:02:00.1234567Z')?.microseconds).toBe(123_456)
    expect(parsePythonDatetime('2026-05-29T12:02:00,5Z')?.microseconds).toBe(500_000)
  })

  it('gives the instant with the offset respected', () => {
    const time = parsePythonDatetime('2026-05-29T12:02:00+02:00')
    expect(time && instantSecondsOf(time)).toBe(noon - 7200)
    expect(utcText(noon)).toBe('2026-05-29T12:02:00+00:00')
  })
})

import { expect, it } from 'vitest'
import { readInstant, readOptionalInstant } from './read-instant.ts'

it('reads an instant with a zone, and a date as its first instant', () => {
  expect(readInstant('2026-09-21T12:00Z')).toBe(Date.UTC(2026, 8, 21, 12))
  expect(readOptionalInstant('2026-09-21', '--from')).toBe(Date.UTC(2026, 8, 21))
  expect(readOptionalInstant(undefined, '--from')).toBeUndefined()
})

it('names the option that holds something else', () => {
  expect(() => readInstant('2026-09-21T12:00', '--to')).toThrow('--to "2026-09-21T12:00" is not an instant.')
  expect(() => readInstant('2026-02-30')).toThrow(/^"2026-02-30" is not an instant[.]/)
})

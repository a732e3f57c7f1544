import { expect, it } from 'vitest'
import { newYorkOffsetMs } from './new-york.ts'
import { hourMs } from './units.ts'

it('agrees with the time zone database over twenty years', () => {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: 'America/New_York', hour: 'numeric', hourCycle: 'h23' })
  let checked = 0
  for (let atMs = Date.UTC(2010, 0, 1); atMs < Date.UTC(2030, 0, 1); atMs += 7 * hourMs) {
    const local = new Date(atMs + newYorkOffsetMs(atMs)).getUTCHours()
    if (local !== Number(format.format(atMs))) throw new Error(`differs at ${new Date(atMs).toISOString()}`)
    checked += 1
  }
  expect(checked).toBeGreaterThan(25_000)
})
it('changes at the minute', () => {
  const spring = Date.UTC(2026, 2, 8, 7)
  const autumn = Date.UTC(2026, 10, 1, 6)
  const hours = [spring - 1, spring, autumn - 1, autumn].map((atMs) => newYorkOffsetMs(atMs) / hourMs)
  expect(hours).toEqual([-5, -4, -4, -5])
})

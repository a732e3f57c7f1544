import { expect, it } from 'vitest'
import { dayMs } from '#core/base/time/units'
import { isInWindow, rowsInWindow } from './average-window.ts'

const updateAtMs = 100 * dayMs
const window = { updateAtMs, windowDays: 10, newestRowLagSeconds: 0 }

it('is open where it begins and closed at the update', () => {
  const times = [90 * dayMs, 90 * dayMs + 1, updateAtMs, updateAtMs + 1]
  expect(times.map((time) => isInWindow(time, window))).toEqual([false, true, true, false])
})

it('ends before the rows that an update could not have seen yet', () => {
  const lagging = { ...window, newestRowLagSeconds: 60 }
  expect([updateAtMs - 60_001, updateAtMs - 60_000].map((time) => isInWindow(time, lagging))).toEqual([true, false])
})

it('keeps the order of the rows, which the tie rule depends on', () => {
  const rows = [3, 1, 200, 2].map((days) => ({ scoredAtMs: (90 + days) * dayMs }))
  expect(rowsInWindow(rows, window).map(({ scoredAtMs }) => scoredAtMs / dayMs)).toEqual([93, 91, 92])
})

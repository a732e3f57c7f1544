import { describe, expect, it } from 'vitest'
import { dayMs, minuteMs } from '#core/base/time/units'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { resolveAverageRules } from '#core/synth/regimes/resolve'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { isInWindow } from '#core/synth/scoring/average-window'
import { listUpdates, thinUpdates } from './updates.ts'

const book = buildRegimeBook(builtInRegimes)

describe('listUpdates', () => {
  // With and without the lag of the newest rows.
  it.each([Date.UTC(2026, 3, 1), Date.UTC(2026, 8, 1)])('counts each newly scored prompt, from %i on', (fromMs) => {
    const toMs = fromMs + dayMs
    const scored = [10, 25, 25, 40, 24 * 60 - 1].map((minute) => ({ scoredAtMs: fromMs + minute * minuteMs }))
    const updates = listUpdates(book, [...scored].reverse(), { fromMs, toMs })
    const { newestRowLagSeconds } = resolveAverageRules(book, { updateAtMs: fromMs }).average
    const countedAt = (updateAtMs: number) =>
      scored.filter(({ scoredAtMs }) => isInWindow(scoredAtMs, { updateAtMs, windowDays: 10, newestRowLagSeconds }))
        .length
    expect(updates.slice(0, 3).map(countedAt)).toEqual([1, 3, 4])
    expect(updates.at(-1)).toBe(toMs)
    for (const update of updates.slice(0, 3)) expect(countedAt(update - 2 * 1000)).toBeLessThan(countedAt(update))
  })
  it('has the end of the period only, where nothing was scored in it', () => {
    const window = { fromMs: dayMs, toMs: 2 * dayMs }
    expect(listUpdates(book, [{ scoredAtMs: 1 }, { scoredAtMs: 3 * dayMs }], window)).toEqual([2 * dayMs])
  })
})

describe('thinUpdates', () => {
  it('leaves at most so many, evenly, and always the last', () => {
    const all = Array.from({ length: 100 }, (_, i) => i)
    expect(thinUpdates(all, 4)).toEqual([24, 49, 74, 99])
    expect(thinUpdates(all, 7).at(-1)).toBe(99)
    expect(thinUpdates(all, 7).length).toBeLessThanOrEqual(7)
    expect(thinUpdates(all, 1)).toEqual([99])
    expect(thinUpdates(all, Number.POSITIVE_INFINITY)).toEqual(all)
    expect(thinUpdates([5], 24)).toEqual([5])
  })
})

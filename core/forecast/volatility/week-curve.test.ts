import { describe, expect, it } from 'vitest'
import { SplitMix64 } from '#core/base/random/rng'
import { dayMs, hourMs } from '#core/base/time/units'
import { type EventWindow, eventWindowAt } from './event-curve.ts'
import { isOpenAtWeekends } from './price-series.ts'
import { fitWeekCurve, flatWeekCurve, type LevelOf, scaleAt, type WeekCurve } from './week-curve.ts'

const stepSeconds = 300
const stepMs = stepSeconds * 1000
/** A Monday, midnight in New York. */
const startAtMs = Date.UTC(2025, 0, 6, 5)
const weights = {
  eventWindows: [],
  alone: { scales: 20, marks: 100, blocks: 300, events: 3 },
  withPrior: { scales: 100, marks: 300, blocks: 1000, events: 10 },
}
const levelOf: LevelOf = (values) => values.map(() => 1)

/** Absolute moves around a scale for each time; NaN where it is 0. */
function movesOf(weeks: number, scale: (atMs: number) => number) {
  const rng = new SplitMix64(8n)
  const moves = Float64Array.from({ length: weeks * 7 * 288 }, (_, i) => {
    const of = scale(startAtMs + (i + 0.5) * stepMs)
    return of === 0 ? Number.NaN : -Math.log(1 - rng.next()) * of
  })
  return { moves, stepSeconds, atMs: (i: number) => startAtMs + (i + 0.5) * stepMs }
}
const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

describe('fitWeekCurve', () => {
  it('finds the mark of the full hour and the livelier half of the day', () => {
    const isAtMark = (atMs: number) => new Date(atMs).getUTCMinutes() < 5
    const isDay = (atMs: number) => new Date(atMs - 5 * hourMs).getUTCHours() >= 12
    const curve = fitWeekCurve(
      movesOf(20, (atMs) => (isAtMark(atMs) ? 1.5 : 1) * (isDay(atMs) ? 2 : 1)),
      levelOf,
      weights,
    )
    expect(curve.marks).toHaveLength(12)
    expect(curve.marks[0]! / average(curve.marks.slice(1))).toBeGreaterThan(1.35)
    expect(curve.scales[30]! / curve.scales[10]!).toBeGreaterThan(1.7)
    const at = (hour: number, minute: number) => scaleAt(curve, Date.UTC(2025, 2, 5, hour, minute))
    expect(at(20, 2) / at(8, 32)).toBeGreaterThan(2.3)
  })
  it('keeps to the curve it began with where the market was shut, in the same unit', () => {
    const night = (slot: number) => slot % 48 < 19 || slot % 48 >= 32
    const flat = flatWeekCurve(stepSeconds)
    const prior: WeekCurve = { ...flat, scales: flat.scales.map((_, slot) => (night(slot) ? 0.5 : 2)) }
    const isSession = (atMs: number) => {
      const local = (atMs - 5 * hourMs) % dayMs
      return local >= 9.5 * hourMs && local < 16 * hourMs
    }
    const curve = fitWeekCurve(
      movesOf(8, (atMs) => (isSession(atMs) ? 1 : 0)),
      levelOf,
      weights,
      prior,
    )
    expect(curve.scales[5]).toBeCloseTo(0.5, 6)
    expect(average(curve.scales.slice(19, 32))).toBeCloseTo(2, 1)
  })
  it('finds how large moves are after figures, and leaves the half-hour of other days as it was', () => {
    const eventWindows: EventWindow[] = [
      { kind: 'release', fromMinutes: 0, toMinutes: 5 },
      { kind: 'release', fromMinutes: 5, toMinutes: 30 },
      { kind: 'holiday', fromMinutes: 480, toMinutes: 960 },
    ]
    const truth = [5, 2, 0.7, 1]
    const market = movesOf(50, (atMs) => truth.at(eventWindowAt(eventWindows, atMs))!)
    const { events = [], scales } = fitWeekCurve(market, levelOf, { ...weights, eventWindows })
    // Of 2025, from the 6th of January until Christmas Eve: 22 releases, 10 holidays; drawn towards 1 by three events.
    const drawn = (scale: number, seen: number) => (scale * seen + weights.alone.events) / (seen + weights.alone.events)
    expect(events[0]!.scale / drawn(5, 22)).toBeGreaterThan(0.6)
    expect(events[0]!.scale / drawn(5, 22)).toBeLessThan(1.4)
    expect(Math.abs(events[1]!.scale / drawn(2, 22) - 1)).toBeLessThan(0.25)
    expect(events[2]!.scale / drawn(0.7, 10)).toBeCloseTo(1, 1)
    expect(scales[17]! / average(scales)).toBeCloseTo(1, 1)
    const began = fitWeekCurve(
      movesOf(1, () => 0),
      levelOf,
      { ...weights, eventWindows },
      { ...flatWeekCurve(stepSeconds), events },
    )
    expect(began.events).toEqual(events)
    const curve = { ...flatWeekCurve(stepSeconds), events }
    // Consumer prices of 2025-05-13, half past eight in New York; the day before there was nothing.
    expect(scaleAt(curve, Date.UTC(2025, 4, 13, 12, 32))).toBe(events[0]!.scale)
    expect(scaleAt(curve, Date.UTC(2025, 4, 13, 12, 29))).toBe(1)
    expect(scaleAt(curve, Date.UTC(2025, 4, 12, 12, 32))).toBe(1)
  })
  it('is flat without data', () => {
    const nothing = fitWeekCurve(
      movesOf(1, () => 0),
      levelOf,
      weights,
    )
    expect(nothing).toEqual({ ...flatWeekCurve(stepSeconds), events: [] })
  })
})

describe('isOpenAtWeekends', () => {
  const closesOf = (isOpen: (weekday: number) => boolean, days: number) =>
    Float64Array.from({ length: days * 288 }, (_, i) => (isOpen(Math.floor(i / 288) % 7) ? 100 : Number.NaN))
  const monday = Date.UTC(2025, 0, 6)
  const isOpen = (closes: Float64Array) => isOpenAtWeekends({ startAtMs: monday, stepSeconds, closes })
  it('tells a market with weekends from one without, whatever holes there are', () => {
    expect(isOpen(closesOf(() => true, 21))).toBe(true)
    expect(isOpen(closesOf((weekday) => weekday !== 2, 21))).toBe(true)
    expect(isOpen(closesOf((weekday) => weekday < 5, 21))).toBe(false)
  })
  it('takes a market that was not yet seen at a weekend for open', () => {
    expect(isOpen(closesOf(() => true, 4))).toBe(true)
  })
})

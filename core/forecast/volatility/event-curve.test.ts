import { describe, expect, it } from 'vitest'
import { minuteMs } from '#core/base/time/units'
import { eventWindowAt, fitEventScales, poolEventScales } from './event-curve.ts'

const near = { kind: 'decision', fromMinutes: 0, toMinutes: 5 } as const
const far = { kind: 'decision', fromMinutes: 5, toMinutes: 120 } as const
const before = { kind: 'decision', fromMinutes: -15, toMinutes: 0 } as const

describe('eventWindowAt', () => {
  const windows = [before, near, far]
  it('counts from the announcement, in winter and in summer', () => {
    // 14:00 in New York on 2025-01-29 and on 2025-06-18.
    for (const announcedAtMs of [Date.UTC(2025, 0, 29, 19), Date.UTC(2025, 5, 18, 18)]) {
      const at = (minutes: number) => eventWindowAt(windows, announcedAtMs + minutes * minuteMs)
      expect([-15.5, -15, -0.5, 0, 4.5, 5, 119.5, 120].map(at)).toEqual([-1, 0, 0, 1, 1, 2, 2, -1])
      expect(at(24 * 60)).toBe(-1)
    }
  })
  it('knows none without windows', () => {
    expect(eventWindowAt([], Date.UTC(2025, 0, 29, 19))).toBe(-1)
  })
})

describe('fitEventScales', () => {
  const data = {
    moves: Float64Array.of(1, 1, 6, 1, 3, Number.NaN),
    level: new Float64Array(6).fill(1),
    windowOf: Int32Array.of(-1, -1, 0, -1, 1, 1),
    stepSeconds: 300,
  }
  it('draws each window towards what it began with, by events of its length', () => {
    const [first, second] = fitEventScales(data, [near, far], 2, [{ ...near, scale: 3 }])
    expect(first).toEqual({ ...near, scale: (6 + 3 * 2) / (1 + 2) })
    // 23 steps in each of two events, towards 1.
    expect(second!.scale).toBeCloseTo((3 + 46) / (1 + 46), 12)
  })
  it('bounds a move that is far too large', () => {
    const wild = { ...data, moves: Float64Array.of(1, 1, 1000, 1, 3, Number.NaN) }
    expect(fitEventScales(wild, [near], 1)[0]!.scale).toBe((25 + 1) / 2)
  })
})

describe('poolEventScales', () => {
  it('averages those that know a window, by their weight', () => {
    const pooled = poolEventScales([
      { scales: [], weight: 100 },
      { scales: [{ ...near, scale: 2 }], weight: 1 },
      {
        scales: [
          { ...near, scale: 6 },
          { ...far, scale: 9 },
        ],
        weight: 3,
      },
    ])
    expect(pooled).toEqual([{ ...near, scale: 5 }])
  })
})

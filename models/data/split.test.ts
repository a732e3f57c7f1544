import { describe, expect, it } from 'vitest'
import { dayMs, hourMs, minuteMs } from '#core/base/time/units'
import { splitConfigSchema } from '#models/compile/split-config'
import { leastEmbargoMinutes, splitWindows } from './split.ts'
import type { WindowShape } from './windows.ts'

const startMs = Date.UTC(2025, 0, 6)
const shape: WindowShape = {
  inputMinutes: 600,
  warmUpMinutes: 0,
  stepSeconds: 300,
  steps: 288,
  largestUnknownShare: 0.2,
}
const windows = Array.from({ length: 1_000 }, (_, i) => ({ asset: 'BTC', startAtMs: startMs + i * hourMs }))
const split = (config: object, of = windows) => {
  const answer = splitWindows(of, shape, splitConfigSchema.parse(config))
  if (!answer.ok) throw new Error(answer.problems.map(({ sentence }) => sentence).join('\n'))
  return answer.split
}
const ends = (part: readonly { startAtMs: number }[]) => [part[0]!.startAtMs, part.at(-1)!.startAtMs]
/** From the last truth of a part to the first input of the next; the newest minute is a minute old. */
const room = (before: readonly { startAtMs: number }[], after: readonly { startAtMs: number }[]) =>
  after[0]!.startAtMs - minuteMs - shape.inputMinutes * minuteMs - (before.at(-1)!.startAtMs + dayMs)

describe('a hold-out', () => {
  it('is in order of time, with input and forecast left out between the parts', () => {
    const { folds, test } = split({})
    const [{ train, validation }] = folds as [(typeof folds)[0]]
    expect(ends(train)[0]).toBe(startMs)
    expect(ends(test)).toEqual([startMs + 850 * hourMs, startMs + 999 * hourMs])
    expect(ends(validation)[0]).toBe(startMs + 700 * hourMs)
    for (const [before, after] of [
      [train, validation],
      [validation, test],
    ] as const) {
      expect(room(before, after)).toBeGreaterThanOrEqual(0)
      expect(room(before, after)).toBeLessThan(hourMs)
    }
  })
  it('has no smaller embargo than that, and says the least', () => {
    const least = 600 + 1 + 1_440
    expect(leastEmbargoMinutes(shape)).toBe(least)
    expect(() => split({ embargoMinutes: least - 1 })).toThrow(`the least is ${least}`)
    const longer = split({ embargoMinutes: least + 600 }).folds[0]!
    expect(room(longer.train, longer.validation)).toBeGreaterThanOrEqual(10 * hourMs)
  })
  it('says which part has no window', () => {
    expect(() => split({}, windows.slice(0, 40))).toThrow(
      /^train has no window: there are 40 windows, and 2041 minutes are left out between two parts\nvalidation has no window/,
    )
    expect(split({ validation: 0, test: 0 }).folds[0]!.validation).toEqual([])
  })
})

describe('a walk forward', () => {
  it('trains on what was before and never reads the end', () => {
    const { folds, test } = split({ use: 'walkForward', folds: 3, validationDays: 5 })
    expect(folds).toHaveLength(3)
    let last = 0
    for (const { train, validation } of folds) {
      expect(ends(train)[0]).toBe(startMs)
      expect(room(train, validation)).toBeGreaterThanOrEqual(0)
      expect(validation.length).toBe(5 * 24)
      expect(ends(validation)[0]).toBeGreaterThan(last)
      last = ends(validation)[1]!
    }
    expect(room(folds.at(-1)!.validation, test)).toBeGreaterThanOrEqual(0)
    expect(ends(test)[0]).toBe(startMs + 850 * hourMs)
  })
  it('may train on the last days only', () => {
    const { folds } = split({ use: 'walkForward', folds: 2, validationDays: 5, trainDays: 10 })
    for (const { train } of folds) expect(train).toHaveLength(240)
  })
})

it('never divides by chance', () => {
  expect(split({})).toEqual(split({}))
  expect(splitConfigSchema.safeParse({ use: 'random' }).success).toBe(false)
  expect(splitConfigSchema.safeParse({ shuffle: true }).success).toBe(false)
})

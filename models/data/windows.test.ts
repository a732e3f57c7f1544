import { describe, expect, it } from 'vitest'
import { hourMs, minuteMs } from '#core/base/time/units'
import { hashBytes } from '#tests/support/models/data-ports'
import type { BarSeries } from './bar-series.ts'
import { windowHash, windowSetHash } from './window-hash.ts'
import {
  evenWindows,
  inputBars,
  latestWindow,
  listWindows,
  targetBars,
  type WindowShape,
  windowsBetween,
} from './windows.ts'

const startMs = Date.UTC(2025, 0, 6)
const shape: WindowShape = { inputMinutes: 30, warmUpMinutes: 0, stepSeconds: 300, steps: 12, largestUnknownShare: 0 }
const rules = { largestUnknownTargetShare: 0 }

function seriesOf(count: number, facts: Partial<BarSeries> = {}, missing: readonly number[] = []): BarSeries {
  const close = Float64Array.from({ length: count }, (_, i) => (missing.includes(i) ? Number.NaN : 100 + Math.sin(i)))
  const unknown = new Float64Array(count).fill(Number.NaN)
  return {
    asset: 'BTC',
    stepSeconds: 60,
    firstOpenMs: startMs,
    close,
    open: unknown,
    high: unknown,
    low: unknown,
    volume: unknown,
    segmentStarts: [0],
    ...facts,
  }
}

const minutesOf = (windows: readonly { startAtMs: number }[]) =>
  windows.map(({ startAtMs }) => (startAtMs - startMs) / minuteMs)

describe('windows', () => {
  it('begin where their inputs are known a minute before, and end where their last price is', () => {
    const windows = listWindows([seriesOf(31 + 60 + 1)], shape, rules)
    expect(minutesOf(windows)).toEqual([31])
    expect(inputBars(seriesOf(92), windows[0]!, 30)).toEqual([0, 30])
    expect(targetBars(seriesOf(92), windows[0]!, shape)).toEqual([31, 91])
    expect(listWindows([seriesOf(31 + 60)], shape, rules)).toEqual([])
  })

  it('do not overlap in what they forecast, and walk round the clock', () => {
    const minutes = minutesOf(listWindows([seriesOf(3_000)], shape, rules))
    expect(minutes.slice(0, 3)).toEqual([31, 96, 161])
    expect(minutesOf(listWindows([seriesOf(300)], shape, { ...rules, strideMinutes: 7 })).slice(0, 3)).toEqual([
      31, 38, 45,
    ])
  })

  it('never cross a border, neither with inputs nor with what comes true', () => {
    const border = 500
    const series = seriesOf(1_000, { segmentStarts: [0, border] })
    const windows = listWindows([series], shape, { ...rules, strideMinutes: 1 })
    for (const window of windows) {
      const [from] = inputBars(series, window, shape.inputMinutes)
      const [, last] = targetBars(series, window, shape)
      expect(from >= border || last < border).toBe(true)
    }
    const minutes = minutesOf(windows)
    expect(minutes).toContain(border - 1 - 60)
    expect(minutes).toContain(border + 31)
    expect(minutes.filter((minute) => minute > border - 61 && minute < border + 31)).toEqual([])
  })

  it('wait in each segment until the calibrated model remembers enough', () => {
    const series = seriesOf(1_000, { segmentStarts: [0, 500] })
    const minutes = minutesOf(listWindows([series], { ...shape, warmUpMinutes: 100 }, { ...rules, strideMinutes: 1 }))
    expect([minutes[0], minutes.find((minute) => minute > 500)]).toEqual([131, 631])
  })

  it('have at most a share of unknown minutes, and always a newest close', () => {
    const series = seriesOf(400, {}, [100, 101, 102])
    const starts = (largestUnknownShare: number) =>
      minutesOf(
        listWindows([series], { ...shape, largestUnknownShare }, { strideMinutes: 1, largestUnknownTargetShare: 1 }),
      )
    expect(starts(0).filter((minute) => minute > 101 && minute < 134)).toEqual([])
    expect(starts(0.1).filter((minute) => minute > 101 && minute < 134)[0]).toBe(107)
  })

  it('have at most a share of steps without a truth', () => {
    const series = seriesOf(400, {}, [91])
    const starts = (largestUnknownTargetShare: number) =>
      minutesOf(
        listWindows([series], { ...shape, largestUnknownShare: 1 }, { strideMinutes: 5, largestUnknownTargetShare }),
      )
    // One missing price costs the step before it and the one after it; as a start price the latter alone.
    expect(starts(0.1).slice(0, 3)).toEqual([31, 91, 96])
    expect(starts(0.2)[1]).toBe(36)
  })

  it('of longer bars know the bar that ends at the start', () => {
    const series = seriesOf(100, { stepSeconds: 300 })
    const [first] = listWindows([series], shape, rules)
    expect(minutesOf([first!])).toEqual([30])
    expect(inputBars(series, first!, 30)).toEqual([0, 6])
    expect(targetBars(series, first!, shape)).toEqual([5, 17])
  })

  it('are in order of time over all assets', () => {
    const later = seriesOf(1_000, { asset: 'AAA', firstOpenMs: startMs + hourMs })
    const windows = listWindows([seriesOf(1_000), later], shape, rules)
    expect(windows.map(({ startAtMs }) => startAtMs)).toEqual(windows.map(({ startAtMs }) => startAtMs).sort())
    expect(new Set(windows.map(({ asset }) => asset))).toEqual(new Set(['AAA', 'BTC']))
  })

  it('have slices that are always the same', () => {
    const windows = listWindows([seriesOf(3_000)], shape, rules)
    expect(minutesOf(evenWindows(windows, 3))).toEqual([31, 1006, 1981])
    expect(evenWindows(windows, 1e6)).toEqual(windows)
    expect(minutesOf(windowsBetween(windows, startMs + 96 * minuteMs, startMs + 226 * minuteMs))).toEqual([96, 161])
  })

  it('have a newest one whose truth is still to come', () => {
    expect(minutesOf([latestWindow(seriesOf(200), shape)!])).toEqual([201])
    expect(minutesOf([latestWindow(seriesOf(200, {}, [198, 199]), { ...shape, largestUnknownShare: 0.2 })!])).toEqual([
      199,
    ])
    expect(minutesOf([latestWindow(seriesOf(200, { stepSeconds: 300 }), shape)!])).toEqual([1_000])
    expect(latestWindow(seriesOf(20), shape)).toBeUndefined()
  })
})

describe('the hash of windows', () => {
  const series = seriesOf(1_000)
  const windows = listWindows([series], shape, rules)
  const hashOf = (one: BarSeries, given: WindowShape = shape) => windowHash(one, windows[2]!, given, hashBytes)
  const changed = (bar: number) =>
    seriesOf(1_000, { close: series.close.map((close, i) => (i === bar ? close + 1e-9 : close)) })
  it('names every number of a window and nothing else', () => {
    expect(hashOf(series)).toMatch(/^[0-9a-f]{12}$/)
    for (const bar of [129, 222]) expect(hashOf(changed(bar))).toBe(hashOf(series))
    for (const bar of [130, 160, 221]) expect(hashOf(changed(bar)), String(bar)).not.toBe(hashOf(series))
  })
  it('names the other assets that are read, as far as they are', () => {
    const other = (bar: number) => ({ ...changed(bar), asset: 'ETH' })
    const of = (...others: BarSeries[]) => windowHash(series, windows[2]!, shape, hashBytes, others)
    expect(of(other(0))).not.toBe(of())
    expect(of(other(159))).not.toBe(of(other(0)))
    for (const bar of [129, 160]) expect(of(other(bar))).toBe(of(other(0)))
  })
  it('names the question too', () => {
    expect(hashOf(series, { ...shape, steps: 6 })).not.toBe(hashOf(series))
    expect(hashOf({ ...series, firstOpenMs: startMs })).toBe(hashOf(series))
  })
  it('of a set does not depend on its order', () => {
    const of = (set: typeof windows) => windowSetHash([series], set, shape, hashBytes)
    expect(of([...windows].reverse())).toBe(of(windows))
    expect(of(windows.slice(1))).not.toBe(of(windows))
  })
})

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PriceSeriesFolder } from '#adapters/market-files/price-series-folder'
import { minuteMs } from '#core/base/time/units'
import { publishedSets } from '#tests/support/published-sets'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { madeCloses } from '#tests/support/volatility-lab'
import { CalibratedMemory } from '../calibrated-memory.ts'
import type { MarketSeries } from '../price-series-source.ts'
import { MemoryTrack } from './memory-track.ts'

const published = publishedSets()

const fromMs = Date.UTC(2026, 8, 1, 0, 3)
const minutes = 9 * 1_440
const closes = madeCloses(7n, minutes, 0.15)
const low = published.find('BTC', 'low')!
const high = published.find('BTC', 'high')!

/** The same prices as files: minutes, and the five-minute bars that a venue makes of them. */
function marketFolder(): PriceSeriesFolder {
  const folder = temporaryFolder()
  const rows = [...closes.entries()]
    .filter(([, close]) => close > 0)
    .map(([i, close]) => ({ openSeconds: fromMs / 1000 + i * 60, close }))
  const bars = new Map<number, number>()
  for (const { openSeconds, close } of rows) bars.set(Math.floor(openSeconds / 300) * 300, close)
  const toCsv = (lines: Iterable<readonly [number, number]>) =>
    ['ts,close', ...[...lines].map(([ts, close]) => `${ts},${close}`)].join('\n')
  writeFileSync(join(folder, 'BTC.csv'), toCsv(rows.map(({ openSeconds, close }) => [openSeconds, close])))
  writeFileSync(join(folder, 'BTC_5m.csv'), toCsv(bars))
  return new PriceSeriesFolder(folder)
}

/** As the skill bench does it: what is known at the prompt's start, each price at its time on the grid. */
function asInBench(set: typeof low, { series, unseenSteps }: MarketSeries, promptMs: number): CalibratedMemory {
  const memory = new CalibratedMemory(set.parameters, set.hash)
  const stepMs = series.stepSeconds * 1000
  const known = (promptMs - series.startAtMs) / stepMs + 1 - unseenSteps
  for (let i = 0; i < known; i += 1) memory.takePrice(series.closes[i]!, series.startAtMs + i * stepMs)
  return memory
}

/** As the recorder does it: every minute that has closed when the prompt starts. */
function asLive(set: typeof low, promptMs: number): MemoryTrack {
  const track = new MemoryTrack(set)
  for (const [i, close] of closes.entries()) {
    const openAtMs = fromMs + i * minuteMs
    if (openAtMs + 60_000 <= promptMs) track.take(openAtMs, close)
  }
  return track
}

describe('MemoryTrack', () => {
  // Prompts on both grids, some right after minutes and bars that nobody traded in.
  const prompts = Array.from({ length: 60 }, (_, k) => Date.UTC(2026, 8, 9, 8) + k * 300_000)

  it('holds the same bits on the grid of five minutes as the bench that the parameters were judged with', () => {
    const series = marketFolder().readLow('BTC')!
    for (const promptMs of prompts) {
      // The last bar is closed for us only when its last minute is settled by a candle or as a gap.
      const bench = asInBench(low, series, promptMs).snapshot()
      expect(asLive(low, promptMs).memory.snapshot()).toEqual(bench)
    }
  })

  it('holds the same bits on the grid of one minute as the bench', () => {
    const series = marketFolder().readHigh('BTC')!
    for (const promptMs of prompts) {
      expect(asLive(high, promptMs).memory.snapshot()).toEqual(asInBench(high, series, promptMs).snapshot())
    }
  })

  it('dates a five-minute price at the end of its bar, and a minute price at its opening', () => {
    const at = (track: MemoryTrack) => track.memory.lastPriceAtMs - Date.UTC(2026, 8, 1)
    const [day, hour] = [new MemoryTrack(low), new MemoryTrack(high)]
    for (let minute = 0; minute < 10; minute += 1) {
      for (const track of [day, hour]) track.take(Date.UTC(2026, 8, 1) + minute * minuteMs, 100 + minute)
    }
    expect(at(day)).toBe(600_000)
    expect(day.memory.snapshot()?.lastPrice).toBe(109)
    expect(at(hour)).toBe(540_000)
  })

  it('continues from the stored state, at any minute of a bar', () => {
    const whole = asLive(low, fromMs + 5_000 * minuteMs).memory.snapshot()
    for (let cut = 4_000; cut < 4_010; cut += 1) {
      const before = asLive(low, fromMs + cut * minuteMs)
      const after = new MemoryTrack(low, before.memory.snapshot())
      const resumeMs = after.nextOpenMs
      expect(before.nextOpenMs - resumeMs).toBeLessThan(5 * minuteMs)
      for (let i = 0; i < 5_000; i += 1) {
        const openAtMs = fromMs + i * minuteMs
        if (openAtMs >= resumeMs) after.take(openAtMs, closes[i]!)
      }
      expect(after.memory.snapshot()).toEqual(whole)
    }
  })
})

import { describe, expect, it } from 'vitest'
import { SplitMix64 } from '#core/base/random/rng'
import type { Stored } from '#core/base/store/stored'
import { dayMs, minuteMs } from '#core/base/time/units'
import { MemoryMinutes } from '#tests/support/memory-minutes'
import { TestClock } from '#tests/support/test-clock'
import { BufferedMinutes } from './buffered-minutes.ts'
import { MinuteBatch } from './minute-batch.ts'
import type { CandleColumns } from './minute-candles.ts'
import type { MinuteWrite } from './minute-store.ts'

const series = { asset: 'BTC', venue: 'binanceSpot' as const, symbol: 'BTCUSDT' }
const startMs = Date.UTC(2026, 8, 22)
const full = { ok: false, failure: { kind: 'full', detail: 'database or disk is full' } } as const

function aWrite(fromMs: number, closes: readonly number[]): MinuteWrite {
  const batch = new MinuteBatch()
  closes.forEach((close, i) => {
    const openAtMs = fromMs + i * minuteMs
    if (close > 0) {
      batch.setClose(openAtMs, close)
      // Of some: another number for each write of the same minute.
      if (close > 1) batch.addCandle({ openAtMs, open: close, high: close + i, low: close / 2, volume: i }, close)
    } else batch.declareGap(fromMs + i * minuteMs)
  })
  return { series, batch, origin: 'recorded' }
}

/** By hand: comparing so many numbers one by one takes the test library seconds. */
function differenceOf(own: CandleColumns, expected: CandleColumns): string {
  for (const name of ['open', 'high', 'low', 'volume'] as const) {
    const at = own[name].findIndex((value, i) => !Object.is(value, expected[name][i]))
    if (at >= 0) return `${name} is ${own[name][at]} at ${at}, not ${expected[name][at]}`
  }
  return 'none'
}

function someMinutes(mostDays?: number) {
  const clock = new TestClock(startMs)
  const disk = new MemoryMinutes()
  const calls: (readonly MinuteWrite[])[] = []
  const lab = { answer: { ok: true, value: undefined } as Stored<unknown> }
  const bugs: unknown[] = []
  const write = async (writes: readonly MinuteWrite[]) => {
    calls.push(writes)
    if (lab.answer.ok) disk.write(writes)
    return lab.answer
  }
  const minutes = new BufferedMinutes({ stored: disk, write, clock, onBug: (bug) => void bugs.push(bug) }, mostDays)
  return { clock, disk, calls, lab, bugs, minutes }
}

describe('minutes on their way to the disk', () => {
  it('are seen at once, and leave memory when they are written', async () => {
    const { minutes, disk } = someMinutes()
    const [outcome] = minutes.write([aWrite(startMs, [1, 0, 3])])
    expect(outcome).toMatchObject({ added: 2, gapsDeclared: 1, conflicts: 0 })
    expect([minutes.isSettled(), minutes.waitingDays]).toEqual([false, 1])
    expect(minutes.lastClose(series, startMs, startMs + dayMs)).toEqual({ openAtMs: startMs + 2 * minuteMs, close: 3 })
    await minutes.tried()
    expect([minutes.isSettled(), minutes.waitingDays]).toEqual([true, 0])
    expect(disk.readSlots(series, startMs, startMs + 2 * minuteMs)).toEqual(Float64Array.of(1, Number.NaN, 3))
  })

  it('wait in memory for a full disk, and follow as few writes', async () => {
    const { minutes, disk, lab, clock, calls, bugs } = someMinutes()
    lab.answer = full
    for (let i = 0; i < 2 * 1_440; i += 1) {
      minutes.write([aWrite(startMs + i * minuteMs, [i + 1])])
      if (i % 100 === 0) await clock.advance(minuteMs)
    }
    await minutes.tried()
    expect(minutes.failure).toMatchObject({ kind: 'full' })
    expect(minutes.waitingDays).toBe(2)
    expect(disk.lastClose(series, startMs, startMs + 9 * dayMs)).toBeUndefined()
    lab.answer = { ok: true, value: undefined }
    await clock.advance(10_000)
    expect([minutes.isSettled(), minutes.failure]).toEqual([true, undefined])
    expect(calls.at(-1)!.length).toBeLessThan(102)
    expect(disk.readSlots(series, startMs, startMs + 2 * dayMs - minuteMs)).toEqual(
      Float64Array.from({ length: 2_880 }, (_, i) => i + 1),
    )
    expect(bugs).toEqual([])
  })

  it('are refused beyond a bound, so that the venue is asked again', async () => {
    const { minutes, lab } = someMinutes(2)
    lab.answer = full
    for (let day = 0; day < 2; day += 1) minutes.write([aWrite(startMs + day * dayMs, [1])])
    await minutes.tried()
    expect(() => minutes.write([aWrite(startMs + 2 * dayMs, [1])])).toThrow('2 days of minutes wait for the disk')
  })

  it('give the same as a store that writes at once, whatever the disk does (100 seeded histories)', async () => {
    for (let seed = 0n; seed < 100n; seed += 1n) {
      const rng = new SplitMix64(seed)
      const { minutes, disk, lab, clock, bugs } = someMinutes()
      const plain = new MemoryMinutes()
      for (let step = 0; step < 12; step += 1) {
        lab.answer = rng.next() < 0.5 ? full : { ok: true, value: undefined }
        const fromMs = startMs + Math.floor(rng.next() * 3_000) * minuteMs
        const closes = Array.from({ length: 1 + Math.floor(rng.next() * 200) }, () => Math.floor(rng.next() * 4))
        const [own] = minutes.write([aWrite(fromMs, closes)])
        const [expected] = plain.write([aWrite(fromMs, closes)])
        expect(own, `seed ${seed}`).toEqual(expected)
        if (rng.next() < 0.5) await clock.advance(1_000)
        const [from, to] = [fromMs - 500 * minuteMs, fromMs + 500 * minuteMs]
        expect([...minutes.readSlots(series, from, to)]).toEqual([...plain.readSlots(series, from, to)])
        expect(differenceOf(minutes.readCandles(series, from, to), plain.readCandles(series, from, to))).toBe('none')
        expect(minutes.firstClose(series, from, to)).toEqual(plain.firstClose(series, from, to))
        expect(minutes.lastClose(series, from, to)).toEqual(plain.lastClose(series, from, to))
      }
      lab.answer = { ok: true, value: undefined }
      await clock.advance(0)
      await clock.advance(5_000)
      const all = [startMs, startMs + 4 * dayMs] as const
      expect(bugs).toEqual([])
      expect(minutes.isSettled()).toBe(true)
      // As numbers: a gap may be any of the bit patterns that are NaN.
      expect([...disk.readSlots(series, ...all)]).toEqual([...plain.readSlots(series, ...all)])
      expect(differenceOf(disk.readCandles(series, ...all), plain.readCandles(series, ...all))).toBe('none')
      expect(bugs).toEqual([])
    }
  })
})

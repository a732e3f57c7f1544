import { describe, expect, it } from 'vitest'
import { dayMs, minuteMs } from '#core/base/time/units'
import type { MinutesFound } from '../venues/minute-history.ts'
import { cutByKind } from './coverage.ts'
import { dayOf } from './minute-day.ts'
import { settleMinutes } from './settle-minutes.ts'

const t0 = Date.UTC(2026, 8, 22)
const at = (minute: number) => t0 + minute * minuteMs

function found(minutes: readonly number[], more: Partial<MinutesFound> = {}): MinutesFound {
  return {
    ok: true,
    minutes: minutes.map((minute) => ({ openAtMs: at(minute), close: 100 + minute })),
    coveredFromMs: t0,
    answeredAtMs: at(Math.max(...minutes, 0)) + 5_000,
    refusedRows: 0,
    ...more,
  }
}

function settle(answer: MinutesFound, from: number, to: number) {
  const settled = settleMinutes(answer, { fromMs: at(from), toMs: at(to) })
  const day = settled.batch.days.get(dayOf(t0)) ?? new Float64Array(1_440)
  const kinds = cutByKind(day.subarray(from, to + 1), at(from)).map(
    (span) => `${span.kind} ${(span.fromMs - t0) / minuteMs}-${(span.toMs - t0) / minuteMs}`,
  )
  return { ...settled, kinds }
}

describe('settleMinutes', () => {
  it('takes a candle for final only when a later one is there', () => {
    expect(settle(found([0, 1, 2]), 0, 10).kinds).toEqual(['close 0-1', 'unknown 2-10'])
  })
  it('keeps what else is known of final minutes, and of no others', () => {
    const candles = [0, 1, 2].map((minute) => ({ openAtMs: at(minute), open: 100, high: 110, low: 90, volume: minute }))
    const { batch } = settle(found([0, 1, 2], { candles }), 0, 10)
    expect(Array.from(batch.candles).filter((_, i) => i % 5 === 0)).toEqual([at(0), at(1)])
    expect(settle(found([0, 1, 2]), 0, 10).batch.candles).toHaveLength(0)
  })
  it('uses a candle after the span as witness and stores only the span', () => {
    expect(settle(found([0, 1, 2, 7]), 0, 2).kinds).toEqual(['close 0-2'])
  })
  it('declares a minute without a candle a gap once a later candle is there, and not before', () => {
    expect(settle(found([0, 3]), 0, 10).kinds).toEqual(['close 0-0', 'gap 1-2', 'unknown 3-10'])
  })
  it('calls nothing a gap when the answer is empty or stale', () => {
    expect(settle(found([]), 0, 10).kinds).toEqual(['unknown 0-10'])
    expect(settle(found([0, 1], { answeredAtMs: at(0) + 6 * dayMs }), 0, 599).kinds).toEqual([
      'close 0-0',
      'unknown 1-599',
    ])
  })
  it('needs no witness after a week', () => {
    expect(settle(found([1], { answeredAtMs: at(4) + 7 * dayMs + minuteMs }), 0, 10).kinds).toEqual([
      'gap 0-0',
      'close 1-1',
      'gap 2-4',
      'unknown 5-10',
    ])
  })
  it('leaves minutes that the venue has forgotten unknown', () => {
    const settled = settle(found([5, 6, 8], { coveredFromMs: at(4) }), 0, 10)
    expect(settled.kinds).toEqual(['unknown 0-3', 'gap 4-4', 'close 5-6', 'gap 7-7', 'unknown 8-10'])
    expect(settled.forgottenBeforeMs).toBe(at(4))
  })
  it('takes a close from before the stated reach, and declares no gap there', () => {
    expect(settle(found([1, 5, 6], { coveredFromMs: at(4) }), 0, 5).kinds).toEqual([
      'unknown 0-0',
      'close 1-1',
      'unknown 2-3',
      'gap 4-4',
      'close 5-5',
    ])
  })
  it('declares no gap when rows were refused or lay off the grid', () => {
    expect(settle(found([0, 3, 4], { refusedRows: 1 }), 0, 10).kinds).toEqual([
      'close 0-0',
      'unknown 1-2',
      'close 3-3',
      'unknown 4-10',
    ])
    const offGrid = found([0, 3, 4])
    const minutes = [...offGrid.minutes, { openAtMs: at(1) + 1, close: 7 }]
    expect(settle({ ...offGrid, minutes }, 0, 10).kinds).toEqual([
      'close 0-0',
      'unknown 1-2',
      'close 3-3',
      'unknown 4-10',
    ])
  })
  it('lets the last of repeated candles hold', () => {
    const answer = found([0, 1])
    const settled = settle({ ...answer, minutes: [{ openAtMs: at(0), close: 1 }, ...answer.minutes] }, 0, 1)
    expect(settled.batch.days.get(dayOf(t0))?.[0]).toBe(100)
  })
})

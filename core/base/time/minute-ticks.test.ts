import { describe, expect, it } from 'vitest'
import { TestClock } from '#tests/support/test-clock'
import { startMinuteTicks } from './minute-ticks.ts'
import { minuteMs } from './units.ts'

const startMs = Date.UTC(2026, 8, 22, 12, 0, 30)

function begin(options: Parameters<typeof startMinuteTicks>[1], work?: (atMs: number) => void | Promise<void>) {
  const clock = new TestClock(startMs)
  const seen: number[] = []
  const ticks = startMinuteTicks(clock, options, (scheduledAtMs) => {
    seen.push((scheduledAtMs - startMs) / 1000)
    return work?.(scheduledAtMs)
  })
  return { clock, seen, ticks }
}

describe('startMinuteTicks', () => {
  it('ticks at each full minute, with the scheduled time, until it is stopped', async () => {
    const { clock, seen, ticks } = begin({})
    await clock.advance(2 * minuteMs)
    expect(seen).toEqual([30, 90])
    await ticks.stop()
    await clock.advance(2 * minuteMs)
    expect(seen).toHaveLength(2)
  })
  it('ticks at once if asked to, and with the given delay after each minute', async () => {
    const { clock, seen, ticks } = begin({ offsetMs: 4_000, isFirstAtOnce: true })
    await clock.advance(0)
    await clock.advance(2 * minuteMs)
    expect(seen).toEqual([0, 34, 94])
    await ticks.stop()
  })
  it('makes up for nothing after a tick that took minutes', async () => {
    const { clock, seen, ticks } = begin({}, (atMs) =>
      atMs === startMs + 30_000 ? clock.sleep(5 * minuteMs) : undefined,
    )
    await clock.advance(7 * minuteMs)
    expect(seen).toEqual([30, 390])
    await ticks.stop()
  })
  it('ends with what a tick throws', async () => {
    const { clock, ticks } = begin({}, () => {
      throw new TypeError('a bug')
    })
    const ended = expect(ticks.finished).rejects.toThrow('a bug')
    await clock.advance(minuteMs)
    await ended
  })
})

import { describe, expect, it } from 'vitest'
import { TestLogger } from '#tests/support/test-logger'
import { ClockWatch } from './clock-skew.ts'

const limits = { toleranceMs: 3_000, usualBlockDelayMs: 1_500 }

/** Blocks every twelve seconds, seen by a clock that is off by so much, with some way from the node to us. */
function watch(offsetsMs: readonly number[], delayMs = (block: number) => 500 + 700 * (block % 4)) {
  const log = new TestLogger()
  const clock = new ClockWatch({ log }, limits)
  offsetsMs.forEach((offsetMs, block) => {
    const slotMs = 1_700_000_000_000 + 12_000 * block
    clock.observe(slotMs + delayMs(block) + offsetMs, slotMs)
  })
  return { skew: clock.judge(), events: log.events() }
}
const blocks = (count: number, offsetMs: number): number[] => Array<number>(count).fill(offsetMs)

describe('ClockWatch', () => {
  it('knows nothing before the first block', () => {
    expect(watch([]).skew).toEqual({ state: 'unknown' })
  })
  it.each([0, -2_000, 2_000])('lets %d ms pass', (offsetMs) => {
    expect(watch(blocks(10, offsetMs))).toMatchObject({ skew: { state: 'ok' }, events: [] })
  })
  it('finds a clock that is behind with one block', () => {
    expect(watch(blocks(1, -5_000))).toMatchObject({ skew: { state: 'behind' }, events: ['clock.skewed'] })
    expect(watch(blocks(1, -3_600_000)).skew.state).toBe('behind')
  })
  it('finds a clock that is ahead with three blocks', () => {
    expect(watch(blocks(2, 5_000)).skew.state).toBe('ok')
    expect(watch(blocks(3, 5_000))).toMatchObject({ skew: { state: 'ahead' }, events: ['clock.skewed'] })
    expect(watch(blocks(3, 3_600_000)).skew).toMatchObject({ state: 'ahead', offsetMs: 3_600_000 - 1_000 })
  })
  it('does not take slow blocks for a wrong clock as long as one of ten is quick', () => {
    expect(watch(blocks(20, 0), (block) => (block % 10 === 0 ? 800 : 9_000)).skew.state).toBe('ok')
  })
  it('says when it jumps and when it is right again, once each', () => {
    const { events, skew } = watch([...blocks(12, 0), ...blocks(12, -5_000), ...blocks(12, 0)])
    expect(events).toEqual(['clock.skewed', 'clock.recovered'])
    expect(skew.state).toBe('ok')
  })
})

import { describe, expect, it } from 'vitest'
import { hourMs } from '#core/base/time/units'
import { TestClock } from '#tests/support/test-clock'
import { LeapingClock } from './leaping-clock.ts'

const startAtMs = Date.UTC(2026, 9, 20, 13)

function aClock() {
  const base = new TestClock()
  return { base, clock: new LeapingClock(base, startAtMs) }
}

describe('LeapingClock', () => {
  it('keeps the pace of the clock below it', async () => {
    const { base, clock } = aClock()
    let isAwake = false
    const sleeping = clock.sleep(1_500).then(() => {
      isAwake = true
    })
    await base.advance(1_499)
    expect({ now: clock.nowMs() - startAtMs, isAwake }).toEqual({ now: 1_499, isAwake: false })
    await base.advance(1)
    await sleeping
  })

  it('lets an hour pass in half a second and stands exactly at its end', async () => {
    const { base, clock } = aClock()
    const leaping = clock.leapTo(startAtMs + hourMs, 7_200)
    await base.advance(250)
    expect(clock.nowMs() - startAtMs).toBe(hourMs / 2)
    await base.advance(250)
    await leaping
    expect(clock.nowMs() - startAtMs).toBe(hourMs)
    await base.advance(7)
    expect(clock.nowMs() - startAtMs).toBe(hourMs + 7)
  })

  it('wakes sleepers when the time has come, in a leap and after it', async () => {
    const { base, clock } = aClock()
    const woken: string[] = []
    const sleepers = [
      clock.sleep(hourMs / 2).then(() => woken.push(`in the leap, at ${clock.nowMs() - startAtMs}`)),
      clock.sleep(hourMs + 10).then(() => woken.push(`after it, at ${clock.nowMs() - startAtMs}`)),
    ]
    const leaping = clock.leapTo(startAtMs + hourMs, 7_200)
    // The sleepers turn over once, to the faster time.
    await base.advance(0)
    await base.advance(500)
    await leaping
    expect(woken).toEqual([`in the leap, at ${hourMs / 2}`])
    await base.advance(10)
    await Promise.all(sleepers)
    expect(woken[1]).toBe(`after it, at ${hourMs + 10}`)
  })

  it('never goes back, and has nothing to leap to in the past', async () => {
    const { base, clock } = aClock()
    await base.advance(5_000)
    await clock.leapTo(startAtMs, 100)
    expect(clock.nowMs()).toBe(startAtMs + 5_000)
  })

  it('ends a leap and a sleep that are aborted', async () => {
    const { base, clock } = aClock()
    const stop = new AbortController()
    const both = Promise.allSettled([
      clock.sleep(2 * hourMs, stop.signal),
      clock.leapTo(startAtMs + hourMs, 3_600, stop.signal),
    ])
    await base.advance(500)
    stop.abort(new Error('enough'))
    expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(clock.nowMs() - startAtMs).toBe(hourMs / 2)
    await base.advance(10)
    expect(clock.nowMs() - startAtMs).toBe(hourMs / 2 + 10)
  })

  it('stands still while somebody works, and lets nobody wake', async () => {
    const { base, clock } = aClock()
    const woken: string[] = []
    const sleeping = clock.sleep(100).then(() => woken.push(`at ${clock.nowMs() - startAtMs}`))
    const standing = clock.standStillDuring(() => base.sleep(5_000))
    // A yield to others is no sleep.
    await Promise.all([clock.sleep(0), base.advance(0)])
    await base.advance(4_999)
    expect({ now: clock.nowMs() - startAtMs, woken }).toEqual({ now: 0, woken: [] })
    await base.advance(1)
    await standing
    await base.advance(100)
    await sleeping
    expect(woken).toEqual(['at 100'])
  })

  it('leaps once at a time', async () => {
    const { base, clock } = aClock()
    const leaping = clock.leapTo(startAtMs + hourMs, 7_200)
    await expect(clock.leapTo(startAtMs + hourMs, 7_200)).rejects.toThrow('already')
    await base.advance(500)
    await leaping
  })
})

import { describe, expect, it } from 'vitest'
import { JumpingClock } from '#tests/support/jumping-clock'
import { TestLogger } from '#tests/support/test-logger'
import { ClockJudge } from './clock-judge.ts'
import type { TrustedTime } from './trusted-time.ts'
import { dayMs, hourMs, minuteMs } from './units.ts'

const yearMs = 365 * dayMs

function aJudge(stored?: Partial<TrustedTime>, wallOffsetMs = 0) {
  const clock = new JumpingClock()
  clock.wallOffsetMs = wallOffsetMs
  const log = new TestLogger()
  const kept: { time: TrustedTime | undefined } = {
    time: stored === undefined ? undefined : { atMs: clock.rightMs(), uptimeMs: 0, bootId: 'a', ...stored },
  }
  const store = {
    readTrusted: () => kept.time,
    saveTrusted: (time: TrustedTime) => {
      kept.time = time
    },
  }
  const uptime = { bootId: 'a', uptimeMs: () => clock.monotonicMs() + 1_000 }
  const judge = new ClockJudge({ clock, log, store, uptime })
  const block = () => judge.noteBlock(clock.rightMs(), clock.monotonicMs())
  const quote = (venue = 'binanceSpot') => judge.noteQuote(venue, clock.rightMs())
  const offMs = () => judge.nowMs() - clock.rightMs()
  return { clock, log, judge, kept, block, quote, offMs }
}

describe('ClockJudge', () => {
  it('follows a clock that is right, and stores its time every ten minutes', async () => {
    const { clock, judge, kept, log, offMs } = aJudge()
    for (let i = 0; i < 25; i += 1) {
      judge.tick()
      expect([judge.doubt(), offMs()]).toEqual([undefined, 0])
      await clock.advance(minuteMs)
    }
    expect(clock.rightMs() - kept.time!.atMs).toBe(5 * minuteMs)
    expect(log.events()).toEqual([])
  })

  it.each([yearMs, -yearMs, 2 * dayMs])('does not believe a jump of %d ms for one tick', async (jumpMs) => {
    const { clock, judge, offMs } = aJudge()
    await clock.advance(hourMs)
    clock.wallOffsetMs = jumpMs
    expect([judge.doubt(), offMs()]).toEqual([expect.stringContaining('jumped'), 0])
    clock.wallOffsetMs = 0
    expect([judge.doubt(), offMs()]).toEqual([undefined, 0])
  })

  it('follows a jump that lasts after five minutes, without trusting it, and trusts the old course again', async () => {
    const { clock, judge, kept, log, offMs } = aJudge()
    judge.tick()
    clock.wallOffsetMs = 2 * dayMs
    for (let i = 0; i < 60; i += 1) {
      judge.tick()
      expect(judge.doubt()).toContain('jumped by +2 days')
      expect(offMs()).toBe(i < 5 ? 0 : 2 * dayMs)
      await clock.advance(minuteMs)
    }
    clock.wallOffsetMs = 0
    judge.tick()
    expect([judge.doubt(), offMs()]).toEqual([undefined, 0])
    expect(log.events()).toEqual(['clock.doubted', 'clock.trusted'])
    expect(kept.time!.atMs).toBe(clock.rightMs())
  })

  it('stays on the course that the chain confirms, however long the jump lasts', async () => {
    const { clock, judge, block, offMs } = aJudge()
    clock.wallOffsetMs = yearMs
    for (let i = 0; i < 120; i += 1) {
      block()
      expect([offMs(), judge.doubt()]).toEqual([0, expect.stringContaining('jumped by +365 days')])
      await clock.advance(minuteMs)
    }
  })

  it.each([yearMs, 5 * hourMs, -5 * hourMs, 5 * minuteMs, -5 * minuteMs])(
    'works by the time of the chain and the venues where its own clock is off by %d ms from the start',
    async (wrongMs) => {
      const { clock, judge, kept, log, block, quote, offMs } = aJudge(undefined, wrongMs)
      for (let i = 0; i < 3; i += 1) {
        // A block that comes late makes us look ahead, so one is not enough.
        if (wrongMs > 0 || i === 0) expect(offMs()).toBe(wrongMs)
        block()
        quote()
        await clock.advance(12_000)
      }
      const wrongFor = async (ticks: number) => {
        for (let i = 0; i < ticks; i += 1) {
          judge.tick()
          expect([offMs(), judge.doubt(), judge.isConfirmed()]).toEqual([
            0,
            expect.stringContaining('from the time that the chain and the venues agree on'),
            false,
          ])
          await clock.advance(minuteMs)
        }
      }
      // The chain and the venues may fall silent: the monotonic clock goes on.
      await wrongFor(30)
      expect(judge.health()).toMatchObject({ state: 'degraded' })
      expect([log.events(), kept.time]).toEqual([['clock.replaced', 'clock.doubted'], undefined])

      block()
      quote()
      clock.wallOffsetMs = 0
      judge.tick()
      expect([offMs(), judge.doubt(), judge.isConfirmed()]).toEqual([0, undefined, true])
      expect(log.events().slice(2)).toEqual(['clock.returned', 'clock.trusted'])
    },
  )

  it.each([5 * hourMs, -5 * hourMs])('does not believe a node that lies or lags by %d ms, alone', async (lieMs) => {
    for (const isAVenueHeard of [false, true]) {
      const { clock, judge, quote, offMs } = aJudge()
      for (let i = 0; i < 60; i += 1) {
        judge.noteBlock(clock.rightMs() + lieMs, clock.monotonicMs())
        if (isAVenueHeard) quote()
        expect([offMs(), judge.doubt()]).toEqual([0, expect.stringContaining("from the chain's time")])
        await clock.advance(12_000)
      }
    }
  })

  it('does not believe a node and a broken venue while another venue agrees with its clock', () => {
    const { clock, judge, quote, offMs } = aJudge()
    judge.noteBlock(clock.rightMs() + hourMs, clock.monotonicMs())
    judge.noteQuote('broken', clock.rightMs() + hourMs)
    quote()
    judge.noteQuote('nonsense', Number.NaN)
    expect(offMs()).toBe(0)
  })

  it('stays with the chain and the venues when a node says that the wrong clock is right', async () => {
    const { clock, judge, block, quote, offMs } = aJudge(undefined, -5 * hourMs)
    block()
    quote()
    expect(offMs()).toBe(0)
    await clock.advance(11 * minuteMs)
    judge.noteBlock(clock.nowMs(), clock.monotonicMs())
    quote()
    expect(offMs()).toBe(0)
  })

  it('takes a correction that the chain confirms at once', () => {
    const { clock, judge, block, offMs } = aJudge(undefined, -hourMs)
    block()
    expect(judge.doubt()).toBe("it is -60 min from the chain's time")
    clock.wallOffsetMs = 0
    expect([offMs(), judge.doubt()]).toEqual([0, undefined])
  })

  it('believes a new course without a witness after a day', async () => {
    const { clock, judge } = aJudge()
    clock.wallOffsetMs = hourMs
    judge.tick()
    await clock.advance(dayMs - minuteMs)
    judge.tick()
    expect(judge.doubt()).toContain('nothing confirms')
    await clock.advance(minuteMs)
    expect(judge.doubt()).toBeUndefined()
  })

  it('does not trust a start that contradicts the last stored time until the chain or an operator does', async () => {
    const { judge, block } = aJudge({ bootId: 'before' }, -yearMs)
    expect(judge.doubt()).toContain('lies ahead')
    block()
    expect(judge.doubt()).toContain("from the chain's time")

    const second = aJudge({ atMs: Date.UTC(2025, 0, 1), bootId: 'before' })
    expect(second.judge.doubt()).toContain('days from the last stored time')
    second.block()
    expect(second.judge.doubt()).toBeUndefined()

    const third = aJudge({ atMs: Date.UTC(2025, 0, 1), bootId: 'before' })
    third.kept.time = { atMs: third.clock.rightMs(), uptimeMs: 1_000, bootId: 'a' }
    third.judge.tick()
    expect(third.judge.doubt()).toBeUndefined()
  })

  it('sees a jump between two programs of one computer', () => {
    expect(aJudge({ uptimeMs: 1_000 }, 2 * dayMs).judge.doubt()).toBe(
      'it has jumped by +2 days since the last stored time',
    )
    expect(aJudge({ uptimeMs: 1_000 }).judge.doubt()).toBeUndefined()
  })

  it('is not hurt by a slow drift, nor by a store that does not work', async () => {
    const { clock, judge, log, kept } = aJudge()
    Object.defineProperty(kept, 'time', {
      set: () => {
        throw new Error('disk full')
      },
    })
    for (let i = 0; i < 100; i += 1) {
      clock.wallOffsetMs += minuteMs
      judge.tick()
      await clock.advance(minuteMs)
    }
    expect(judge.doubt()).toBeUndefined()
    expect(log.events()).toEqual(['clock.not_stored'])
  })
})

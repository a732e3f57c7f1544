import { describe, expect, it } from 'vitest'
import type { Stored } from '#core/base/store/stored'
import type { NonceBatch } from '#core/bittensor/admission/nonce-store'
import { toNs } from '#core/bittensor/admission/nonce-window'
import type { LoadedNonces, NonceWriter } from '#core/bittensor/admission/nonce-writer'
import { MemoryMark } from '#tests/support/direct-nonces'
import { TestClock } from '#tests/support/test-clock'
import { WatchedLogger } from '#tests/support/watched-logger'
import { KeptNonces } from './kept-nonces.ts'

const second = 1_000_000_000n
const full = { ok: false, failure: { kind: 'full', detail: 'database or disk is full' } } as const
const entry = (nonceNs: bigint) => ({ receiver: 'us', scheme: 'v10' as const, sender: 'them', lane: 'lane', nonceNs })

/** A disk that does as it is told. */
class FakeWriter implements NonceWriter {
  readonly batches: NonceBatch[] = []
  answer: Stored<void> | Promise<Stored<void>> = { ok: true, value: undefined }
  loaded: Stored<LoadedNonces> = { ok: true, value: { entries: [], floors: [], floorNs: 0n, damage: undefined } }

  async load(): Promise<Stored<LoadedNonces>> {
    return this.loaded
  }

  async write(batch: NonceBatch): Promise<Stored<void>> {
    const answer = await this.answer
    if (answer.ok) this.batches.push(batch)
    return answer
  }
}

async function someNonces(
  prepare: (lab: { writer: FakeWriter; mark: MemoryMark; near: MemoryMark }) => void = () => {},
  time = { isSure: true, offNs: 0n },
) {
  const [clock, log, writer] = [new TestClock(), new WatchedLogger(), new FakeWriter()]
  const [mark, near] = [new MemoryMark(), new MemoryMark()]
  prepare({ writer, mark, near })
  const bugs: unknown[] = []
  const onBug = (error: unknown) => void bugs.push(error)
  const startNs = toNs(clock.nowMs())
  const nowNs = () => toNs(clock.nowMs()) + time.offNs
  const isTimeSure = () => time.isSure
  const nonces = await KeptNonces.start(
    { clock, nowNs, isTimeSure, log, writer, complete: mark, near, onBug },
    { lockedNs: () => startNs + time.offNs, aheadNs: 30n * second },
  )
  const floorNs = () => nonces.floorNs()
  /** How far ahead of its start a start takes no nonce. */
  const silentNs = () => floorNs() - startNs
  return { clock, log, writer, mark, near, nonces, bugs, nowNs, floorNs, silentNs }
}

describe('an answer', () => {
  it('goes out with its nonce on disk, and the mark stays', async () => {
    const { nonces, writer, mark } = await someNonces()
    await nonces.save(entry(5n)).beforeAnswer()
    expect([writer.batches.length, mark.isMade]).toEqual([1, true])
  })

  it('waits 25 ms for a disk that hangs, and takes the mark away', async () => {
    const { nonces, writer, mark, clock } = await someNonces()
    writer.answer = new Promise(() => {})
    let isOut = false
    const out = nonces
      .save(entry(5n))
      .beforeAnswer()
      .then(() => {
        isOut = true
      })
    await clock.advance(24)
    expect([isOut, mark.isMade]).toEqual([false, true])
    await clock.advance(1)
    await out
    expect(mark.isMade).toBe(false)
  })

  it('does not wait for a mark that hangs either', async () => {
    const { nonces, writer, mark, clock } = await someNonces()
    writer.answer = new Promise(() => {})
    mark.remove = () => new Promise(() => {})
    const out = nonces.save(entry(5n)).beforeAnswer()
    await clock.advance(25)
    await clock.advance(50)
    await out
  })
})

describe('a full disk', () => {
  it('delays nothing, is said once a minute and on the health page, and is made up for', async () => {
    const { nonces, writer, mark, clock, log } = await someNonces()
    writer.answer = full
    const first = nonces.save(entry(1n))
    await clock.advance(0)
    for (let i = 2n; i <= 50n; i += 1n) await nonces.save(entry(i)).beforeAnswer()
    await first.beforeAnswer()
    expect(mark.isMade).toBe(false)
    expect(nonces.health()).toMatchObject({
      state: 'degraded',
      sentence: expect.stringContaining('1 used nonces wait in memory since 2026-09-22T12:00:00.000Z (full: '),
      hint: expect.stringContaining('Free disk space'),
    })
    await clock.advance(30_000)
    expect(log.count('nonces.unwritten')).toBe(1)
    writer.answer = { ok: true, value: undefined }
    await clock.advance(500)
    expect(writer.batches.map(({ entries }) => entries)).toEqual([[entry(50n)]])
    expect(nonces.health().state).toBe('ok')
    expect(log.count('nonces.recovered')).toBe(1)
    await clock.advance(1_000)
    expect(mark.isMade).toBe(true)
  })
})

describe('a start', () => {
  it('with the mark counts the records only', async () => {
    const { floorNs, log, writer } = await someNonces()
    expect([floorNs(), log.count('nonces.incomplete'), writer.batches.length]).toEqual([0n, 0, 0])
  })

  it('without it takes nothing from before, and makes the mark when that is on disk', async () => {
    const lab = await someNonces(({ mark }) => {
      mark.isMade = false
    })
    expect(lab.silentNs()).toBe(2n * second)
    expect(lab.mark.isMade).toBe(false)
    await lab.clock.advance(1_000)
    expect(lab.writer.batches).toEqual([{ entries: [], floors: [], floorNs: lab.floorNs() }])
    expect(lab.mark.isMade).toBe(true)
  })

  it.each([-5n, 5n])('in a clock that is off by %d h keeps no floor before the right time is known', async (hours) => {
    const time = { isSure: false, offNs: hours * 3_600n * second }
    const lab = await someNonces(({ mark }) => {
      mark.isMade = false
    }, time)
    await lab.nonces.save(entry(lab.nowNs())).beforeAnswer()
    for (let i = 0; i < 60; i += 1) await lab.clock.advance(1_000)
    expect(lab.silentNs()).toBe(time.offNs + 2n * second)
    expect([lab.writer.batches.filter(({ floorNs }) => floorNs !== undefined).length, lab.mark.isMade]).toEqual([
      0,
      false,
    ])
    time.offNs = 0n
    time.isSure = true
    expect(lab.silentNs()).toBe(2n * second)
    for (let i = 0; i < 3; i += 1) await lab.clock.advance(1_000)
    expect([lab.writer.batches.at(-1)?.floorNs, lab.mark.isMade]).toEqual([lab.floorNs(), true])
  })

  it('in a time that nobody confirms leaves no mark when it stops', async () => {
    const lab = await someNonces(
      ({ mark }) => {
        mark.isMade = false
      },
      { isSure: false, offNs: 0n },
    )
    await lab.nonces.stop()
    expect(lab.mark.isMade).toBe(false)
  })

  it('keeps the floor of an earlier start', async () => {
    const later = toNs(new TestClock().nowMs() + 3_000)
    const { floorNs } = await someNonces(({ writer, mark }) => {
      mark.isMade = false
      writer.loaded = { ok: true, value: { entries: [], floors: [], floorNs: later, damage: undefined } }
    })
    expect(floorNs()).toBe(later)
  })

  it('whose file cannot be read answers too, and removes the mark', async () => {
    const { silentNs, mark, log } = await someNonces(({ writer }) => {
      writer.loaded = full
      writer.answer = full
    })
    expect([silentNs(), mark.isMade]).toEqual([2n * second, false])
    expect(log.entries[0]).toMatchObject({ event: 'nonces.incomplete', level: 'error' })
  })
})

describe('a caller whose clock is far ahead', () => {
  it('is answered when the second mark is gone, which comes again when the clock has come near', async () => {
    const { nonces, near, clock, nowNs, mark } = await someNonces()
    const record = nonces.save(entry(nowNs() + 12n * second))
    await record.beforeAnswer()
    expect([near.isMade, mark.isMade]).toEqual([false, true])
    // Another caller's near nonce changes nothing.
    await nonces.save({ ...entry(nowNs()), lane: 'another' }).beforeAnswer()
    for (let i = 0; i < 9; i += 1) await clock.advance(1_000)
    expect(near.isMade).toBe(false)
    for (let i = 0; i < 2; i += 1) await clock.advance(1_000)
    expect(near.isMade).toBe(true)
  })

  it('makes a start without either mark wait for the whole window, and one right after it too', async () => {
    const lab = await someNonces(({ mark, near }) => {
      mark.isMade = false
      near.isMade = false
    })
    expect(lab.silentNs()).toBe(30n * second)
    for (let i = 0; i < 27; i += 1) await lab.clock.advance(1_000)
    expect(lab.near.isMade).toBe(false)
    for (let i = 0; i < 3; i += 1) await lab.clock.advance(1_000)
    expect(lab.near.isMade).toBe(true)
  })

  it('counts for nothing where the records are complete', async () => {
    const { floorNs } = await someNonces(({ near }) => {
      near.isMade = false
    })
    expect(floorNs()).toBe(0n)
  })

  it('does not wait for a mark that hangs, and says once a minute that one cannot be removed', async () => {
    const { nonces, near, clock, nowNs, log } = await someNonces()
    near.remove = () => Promise.reject(new Error('read-only'))
    for (let i = 0n; i < 20n; i += 1n) await nonces.save(entry(nowNs() + 12n * second + i)).beforeAnswer()
    expect(log.count('nonces.mark_failed')).toBe(1)
    near.remove = () => new Promise(() => {})
    const out = nonces.save(entry(nowNs() + 13n * second)).beforeAnswer()
    await clock.advance(50)
    await out
  })
})

describe('a stop', () => {
  it('writes what waits and leaves the mark', async () => {
    const { nonces, writer, mark, clock } = await someNonces()
    writer.answer = full
    const record = nonces.save(entry(1n))
    await clock.advance(0)
    await record.beforeAnswer()
    writer.answer = { ok: true, value: undefined }
    const stopped = nonces.stop()
    await clock.advance(500)
    await stopped
    expect([writer.batches.length, mark.isMade]).toEqual([1, true])
  })

  it('leaves no mark when the disk does not come back', async () => {
    const { nonces, writer, mark, clock } = await someNonces()
    writer.answer = full
    const record = nonces.save(entry(1n))
    await clock.advance(0)
    await record.beforeAnswer()
    const stopped = nonces.stop()
    await clock.advance(3_000)
    await stopped
    expect(mark.isMade).toBe(false)
  })
})

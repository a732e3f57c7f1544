import { describe, expect, it } from 'vitest'
import type { StoreFailure } from '#core/base/store/stored'
import { daySeconds } from '#core/base/time/units'
import { predictionId } from '#core/forecast/journal/prediction-id'
import { FakeJournalStore } from '#tests/support/fake-journal-store'
import { aServed, type ServedOptions } from '#tests/support/served-prediction'
import { TestClock } from '#tests/support/test-clock'
import { JournalWriter, type WriterJob, type WriterOptions } from './journal-writer.ts'

const blobBytes = 1_000
const full: StoreFailure = { kind: 'full', detail: 'database or disk is full' }
const standard: WriterOptions = { retainDays: 10, retainBytes: 1e9, minFreeBytes: 1e6, waitMs: 2_000 }

function aWriter(options: Partial<WriterOptions> = {}) {
  const store = new FakeJournalStore()
  const clock = new TestClock()
  const preparePrices = () => ({
    ok: true as const,
    prices: { encoding: 'planes', bytes: new Uint8Array(blobBytes), hash: 'x' },
  })
  return { store, clock, writer: new JournalWriter({ store, clock, preparePrices }, { ...standard, ...options }) }
}

let tickets = 0
function aJob(clock: TestClock, options: ServedOptions = {}): WriterJob {
  tickets += 1
  const { served, outputJson } = aServed({ seed: BigInt(tickets), prompt: { pathCount: 1 }, ...options })
  const record = { ...served, id: predictionId(served.prompt, served.outputHash), reason: 'all' as const }
  return { ticket: tickets, record, outputJson, giveUpAtMs: clock.nowMs() + 2_000 }
}

function jobs(clock: TestClock, count: number): WriterJob[] {
  return Array.from({ length: count }, () => aJob(clock))
}

describe('append', () => {
  it('writes what came together in one transaction, and a crowd in several', () => {
    const { store, clock, writer } = aWriter()
    const outcomes = writer.append(jobs(clock, 30))
    expect(new Set(outcomes.map(({ outcome }) => outcome.kind))).toEqual(new Set(['committed']))
    expect([store.transactions, store.records.size]).toEqual([1, 30])
    writer.append(jobs(clock, 70))
    expect([store.transactions, store.records.size]).toEqual([4, 100])
  })
  it('waits for a lock no longer than the oldest answer can', async () => {
    const { store, clock, writer } = aWriter()
    const early = aJob(clock)
    await clock.advance(1_500)
    writer.append([early, aJob(clock)])
    await clock.advance(5_000)
    writer.append([early])
    expect(store.waits).toEqual([500, 0])
  })
  it('says why a record is not on disk', () => {
    const { store, clock, writer } = aWriter()
    store.failure = full
    const [result] = writer.append([aJob(clock)])
    expect(result?.outcome).toEqual({ kind: 'unpersisted', reason: 'full: database or disk is full' })
    expect(writer.state().failure).toEqual(full)
  })
  it('refuses an output that is not the record, and writes the others', () => {
    const store = new FakeJournalStore()
    const clock = new TestClock()
    const bad = aJob(clock)
    const preparePrices = (_: Uint8Array, hash: string) =>
      hash === bad.record.outputHash
        ? { ok: false as const, reason: 'another hash' }
        : { ok: true as const, prices: { encoding: 'planes', bytes: new Uint8Array(1), hash } }
    const writer = new JournalWriter({ store, clock, preparePrices }, standard)
    const outcomes = writer.append([aJob(clock), bad, aJob(clock)]).map(({ outcome }) => outcome.kind)
    expect(outcomes).toEqual(['committed', 'unpersisted', 'committed'])
    expect(store.records.size).toBe(2)
  })
})

describe('while the store takes nothing', () => {
  it('keeps the records in memory and writes them once it does', () => {
    const { store, clock, writer } = aWriter()
    store.failure = full
    writer.append(jobs(clock, 40))
    writer.retry()
    expect(writer.state()).toMatchObject({ waiting: 40, writtenLate: 0 })
    store.failure = undefined
    writer.retry()
    writer.retry()
    expect(writer.state()).toMatchObject({ waiting: 0, writtenLate: 40, failure: undefined })
    expect([store.records.size, store.paths.length]).toEqual([40, 0])
  })
  it('keeps a thousand of them, the newest', () => {
    const { store, clock, writer } = aWriter()
    store.failure = full
    const all = jobs(clock, 1_010)
    for (const job of all) writer.append([job])
    expect(writer.state()).toMatchObject({ waiting: 1_000, givenUp: 10 })
    store.failure = undefined
    while (writer.state().waiting > 0) writer.retry()
    expect(store.records.has(all[9]!.record.id)).toBe(false)
    expect(store.records.has(all[10]!.record.id)).toBe(true)
  })
})

describe('making room', () => {
  it('lets old prices go for new ones when the disk is nearly full, and no more than that', () => {
    const { store, clock, writer } = aWriter()
    writer.append(jobs(clock, 500))
    store.diskBytes = standard.minFreeBytes
    writer.append([aJob(clock)])
    // The file does not grow: what a record and its prices need comes out of old prices.
    const dropped = 501 - store.paths.length
    expect(dropped * blobBytes).toBeGreaterThanOrEqual(blobBytes)
    expect(dropped).toBeLessThan(150)
    expect([store.records.size, writer.state().withoutPrices]).toEqual([501, 0])
  })
  it('keeps the record without prices when there are none to let go', () => {
    const { store, clock, writer } = aWriter()
    store.diskBytes = 0
    expect(writer.append([aJob(clock)])[0]?.outcome).toEqual({ kind: 'committed' })
    expect([store.records.size, store.paths.length, writer.state().withoutPrices]).toEqual([1, 0, 1])
  })
  it('trims to the bytes that are allowed, in steps', () => {
    const { store, clock, writer } = aWriter({ retainBytes: 10 * blobBytes })
    writer.append(jobs(clock, 64))
    const steps = []
    for (let isDone = false; !isDone; ) {
      const step = writer.trim(clock.nowMs())
      steps.push(step.droppedPaths)
      isDone = step.isDone
    }
    expect([steps, store.paths.length, store.records.size]).toEqual([[20, 20, 14], 10, 64])
    expect(writer.state().pathsBytes).toBe(10 * blobBytes)
  })
  it('deletes records by age before it looks at bytes', () => {
    const { store, clock, writer } = aWriter({ retainBytes: 0 })
    const nowMs = clock.nowMs()
    const startAtSeconds = nowMs / 1_000 - 10 * daySeconds - 1
    writer.append([aJob(clock, { prompt: { pathCount: 1, startAtSeconds } }), aJob(clock)])
    expect(writer.trim(nowMs)).toMatchObject({ deletedRecords: 1, droppedPaths: 0, isDone: false })
    expect(writer.trim(nowMs)).toMatchObject({ deletedRecords: 0, droppedPaths: 1, isDone: true })
    expect([store.records.size, writer.state().pathsBytes]).toEqual([1, 0])
  })
  it('gives up for this time when the store is locked', () => {
    const { store, clock, writer } = aWriter()
    store.failure = { kind: 'busy', detail: 'database is locked' }
    expect(writer.trim(clock.nowMs())).toMatchObject({ ok: false, isDone: true, detail: 'busy: database is locked' })
  })
})

import { describe, expect, it } from 'vitest'
import { FakeJournalStore } from '#tests/support/fake-journal-store'
import { aServed, type ServedOptions } from '#tests/support/served-prediction'
import { TestClock } from '#tests/support/test-clock'
import { WatchedLogger } from '#tests/support/watched-logger'
import { defaultJournalConfig, type JournalConfig } from './config.ts'
import { JournalWriter } from './journal-writer.ts'
import type { FromWriter, ToWriter } from './messages.ts'
import { ThreadedJournal, type WriterThread } from './threaded-journal.ts'

/** The writer's thread without a thread: it answers in a later turn, unless it is set to hang or to die. */
class FakeThread implements WriterThread {
  readonly got: ToWriter[] = []
  hangs = false
  readonly #writer: JournalWriter
  #tell: (message: FromWriter) => void = () => {}
  #end: (error: unknown) => void = () => {}

  constructor(store: FakeJournalStore, clock: TestClock) {
    const prices = { encoding: 'planes', bytes: new Uint8Array(10), hash: 'x' }
    const preparePrices = () => ({ ok: true as const, prices })
    const options = { retainDays: 10, retainBytes: 1e9, minFreeBytes: 0, waitMs: 2_000 }
    this.#writer = new JournalWriter({ store, clock, preparePrices }, options)
  }

  post(message: ToWriter): void {
    this.got.push(message)
    if (!this.hangs) setImmediate(() => this.#work(message))
  }

  onMessage(take: (message: FromWriter) => void): void {
    this.#tell = take
    setImmediate(() => take({ kind: 'ready', pathsBytes: 0 }))
  }

  onEnd(take: (error: unknown) => void): void {
    this.#end = take
  }

  async terminate(): Promise<void> {}

  die(): void {
    this.hangs = true
    this.#end(new Error('out of memory'))
  }

  recover(): void {
    this.#writer.retry()
    this.#tell({ kind: 'state', state: this.#writer.state() })
  }

  #work(message: ToWriter): void {
    if (this.hangs) return
    const state = () => this.#writer.state()
    if (message.kind === 'append')
      this.#tell({ kind: 'appended', results: this.#writer.append([message]), state: state() })
    if (message.kind === 'trim') {
      const report = this.#writer.trim(message.nowMs)
      this.#tell({ kind: 'trimmed', ticket: message.ticket, report, state: state() })
    }
    if (message.kind === 'stop') this.#tell({ kind: 'stopped' })
  }
}

async function aJournal(config: Partial<JournalConfig> = {}) {
  const store = new FakeJournalStore()
  const clock = new TestClock()
  const log = new WatchedLogger()
  const threads: FakeThread[] = []
  let damages = 0
  const startThread = () => {
    const thread = new FakeThread(store, clock)
    threads.push(thread)
    return thread
  }
  const deps = { clock, log, startThread, onDamage: () => (damages += 1), keptBefore: 18 }
  const journal = await ThreadedJournal.start(deps, { ...defaultJournalConfig(), sampling: 'all', ...config })
  const append = (options: ServedOptions = {}) => {
    const { served, outputJson } = aServed({ prompt: { pathCount: 1 }, ...options })
    return journal.append(served, outputJson).outcome
  }
  return { store, clock, log, threads, journal, append, damages: () => damages }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('append', () => {
  it('is committed when the writer says so, under an id and with a reason', async () => {
    const { store, journal, append } = await aJournal()
    expect(await append()).toEqual({ kind: 'committed' })
    expect([...store.records.values()]).toMatchObject([{ reason: 'all' }])
    expect([...store.records.keys()][0]).toMatch(/^BTC-3600s-20260922T120000Z-[0-9a-f]{12}$/)
    expect(journal.health()).toMatchObject({
      state: 'ok',
      sentence: '19 predictions kept, 1 of them since the start, 0 not.',
    })
  })
  it('passes over what the sampling rule leaves out, without a word to the writer', async () => {
    const { threads, append } = await aJournal({ sampling: 'sampled' })
    expect(await append()).toEqual({ kind: 'committed' })
    expect(await append({ seed: 2n })).toEqual({ kind: 'notSampled' })
    expect(threads[0]!.got).toHaveLength(1)
  })
  it('names the event of the operator for which a prediction is kept', async () => {
    const { store, append } = await aJournal({ sampling: 'sampled', addedEvents: ['2026-09-22 08:00 my talk'] })
    await append()
    await append({ seed: 2n })
    expect([...store.records.values()].map(({ reason, event }) => [reason, event])).toEqual([
      ['first', undefined],
      ['event', 'my talk'],
    ])
  })
  it("does not touch the caller's bytes", async () => {
    const { threads, journal } = await aJournal()
    const { served, outputJson } = aServed()
    const before = outputJson.slice()
    await journal.append(served, outputJson).outcome
    const message = threads[0]!.got[0]!
    expect(outputJson).toEqual(before)
    expect(message.kind === 'append' && message.outputJson).not.toBe(outputJson)
  })
  it('gives up on a writer that hangs, and keeps the next prompt of the same kind instead', async () => {
    const { clock, threads, append } = await aJournal({ sampling: 'sampled' })
    threads[0]!.hangs = true
    const outcome = append()
    await clock.advance(2_500)
    expect(await outcome).toEqual({ kind: 'unpersisted', reason: 'no answer from the writer within 2000 ms' })
    threads[0]!.hangs = false
    expect(await append({ seed: 2n })).toEqual({ kind: 'committed' })
  })
  it('lets a thousand wait and refuses the next', async () => {
    const { clock, threads, append } = await aJournal()
    threads[0]!.hangs = true
    const waiting = Array.from({ length: 1_000 }, (_, i) => append({ seed: BigInt(i) }))
    expect(await append({ seed: 2_000n })).toEqual({ kind: 'unpersisted', reason: '1000 records are waiting already' })
    await clock.advance(2_500)
    expect((await Promise.all(waiting)).every(({ kind }) => kind === 'unpersisted')).toBe(true)
  })
})

describe('a writer that dies', () => {
  it('is replaced, and the next one writes what it had in hand, without prices', async () => {
    const { store, clock, log, threads, journal, append } = await aJournal()
    threads[0]!.hangs = true
    const outcome = append()
    threads[0]!.die()
    expect(journal.health()).toMatchObject({ state: 'degraded' })
    await clock.advance(500)
    await turn()
    expect(await outcome).toEqual({ kind: 'committed' })
    expect([threads.length, store.records.size, store.paths.length]).toEqual([2, 1, 0])
    expect(log.count('journal.writer_died')).toBe(1)
    expect(journal.health()).toMatchObject({ state: 'ok' })
  })
})

describe('a store that takes nothing', () => {
  it('is complained about once a minute, shown on the health page, and reported when it is back', async () => {
    const { store, clock, log, threads, journal, append } = await aJournal()
    store.failure = { kind: 'full', detail: 'database or disk is full' }
    for (let i = 0; i < 3; i += 1) {
      expect((await append({ seed: BigInt(i) })).kind).toBe('unpersisted')
      await clock.advance(25_000)
    }
    expect(log.count('journal.store_full')).toBe(1)
    await clock.advance(10_000)
    await append({ seed: 9n })
    expect(log.count('journal.store_full')).toBe(2)
    expect(journal.health()).toMatchObject({ state: 'degraded', hint: expect.stringContaining('Free disk space') })
    store.failure = undefined
    threads[0]!.recover()
    expect(log.entries.at(-1)).toMatchObject({ event: 'journal.recovered', writtenLate: 4 })
    expect(journal.health()).toMatchObject({ state: 'ok' })
    expect(store.records.size).toBe(4)
  })
  it('asks the next start to look at a damaged file, once', async () => {
    const { store, append, damages } = await aJournal()
    store.failure = { kind: 'damaged', detail: 'database disk image is malformed' }
    await append({ seed: 1n })
    await append({ seed: 2n })
    expect(damages()).toBe(1)
  })
})

it('says what it trimmed, and that it could not', async () => {
  const { store, clock, log, journal, append } = await aJournal()
  await append({ prompt: { startAtSeconds: 60, pathCount: 1 } })
  expect(await journal.trim(clock.nowMs())).toBe(true)
  expect(log.entries.at(-1)).toMatchObject({ event: 'journal.trimmed', deletedRecords: 1 })
  store.failure = { kind: 'busy', detail: 'database is locked' }
  expect(await journal.trim(clock.nowMs())).toBe(false)
})

it('writes what was handed over before it stops, and takes nothing afterwards', async () => {
  const { store, journal, append } = await aJournal()
  const outcome = append()
  await journal.stop()
  expect(await outcome).toEqual({ kind: 'committed' })
  expect(store.records.size).toBe(1)
  expect(await append({ seed: 2n })).toEqual({ kind: 'unpersisted', reason: 'the journal is stopping' })
})

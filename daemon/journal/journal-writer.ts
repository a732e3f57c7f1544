import type { StoreFailure } from '#core/base/store/stored'
import type { Clock } from '#core/base/time/clock'
import { dayMs } from '#core/base/time/units'
import type { AppendOutcome } from '#core/forecast/journal/journal'
import type { JournalStore, PreparedPrediction, PreparedPrices } from '#core/forecast/journal/journal-store'
import type { PredictionRecord } from '#core/forecast/journal/prediction-record'
import type { Appended, TrimReport, WriterState } from './messages.ts'

export interface WriterDeps {
  readonly store: JournalStore
  readonly clock: Clock
  /** The prices of an output in stored form; a reason when the bytes are not those of the record. */
  readonly preparePrices: (outputJson: Uint8Array, outputHash: string) => PricesPreparation
}

export type PricesPreparation =
  | { readonly ok: true; readonly prices: PreparedPrices }
  | { readonly ok: false; readonly reason: string }

export interface WriterOptions {
  readonly retainDays: number
  readonly retainBytes: number
  readonly minFreeBytes: number
  readonly waitMs: number
}

export interface WriterJob {
  readonly ticket: number
  readonly record: PredictionRecord
  readonly outputJson: Uint8Array | undefined
  readonly giveUpAtMs: number
}

/** Answers in one transaction: with large ones more would hold the lock for long. */
const mostInTransaction = 32
/** Records that wait for the store; without prices they are a few kilobytes each. */
const mostWaiting = 1_000
const trimStep = 20
/** What a transaction needs beside the prices: the record, pages of indexes, the log. */
const spareBytes = 100_000

/**
 * The work of the journal's thread, without the thread. Incoming records go to disk in few transactions, and every job
 * gets its result. A record that the store refuses is reported at once and kept, without prices, until the store is
 * back.
 */
export class JournalWriter {
  readonly #deps: WriterDeps
  readonly #options: WriterOptions
  #waiting: PreparedPrediction[] = []
  #failure: StoreFailure | undefined
  #pathsBytes = 0
  #writtenLate = 0
  #givenUp = 0
  #withoutPrices = 0

  constructor(deps: WriterDeps, options: WriterOptions) {
    this.#deps = deps
    this.#options = options
    const stored = deps.store.pathsBytes()
    if (stored.ok) this.#pathsBytes = stored.value
    else this.#failure = stored.failure
  }

  state(): WriterState {
    return {
      failure: this.#failure,
      waiting: this.#waiting.length,
      writtenLate: this.#writtenLate,
      givenUp: this.#givenUp,
      pathsBytes: this.#pathsBytes,
      withoutPrices: this.#withoutPrices,
    }
  }

  append(jobs: readonly WriterJob[]): Appended[] {
    const results: Appended[] = []
    for (let from = 0; from < jobs.length; from += mostInTransaction) {
      results.push(...this.#appendSome(jobs.slice(from, from + mostInTransaction)))
    }
    return results
  }

  /** Retries waiting records. Call it about every second. */
  retry(): void {
    if (this.#waiting.length === 0) return
    const batch = this.#waiting.slice(0, mostInTransaction)
    if (!this.#write(batch, 0)) return
    this.#waiting = this.#waiting.slice(batch.length)
    this.#writtenLate += batch.length
  }

  /**
   * One step of freeing space; `isDone` is false while something is left to do. It drops records by age, then prices by
   * bytes and by free disk space.
   */
  trim(nowMs: number): TrimReport & { readonly isDone: boolean } {
    const deleted = this.#deps.store.deleteBefore(nowMs - this.#options.retainDays * dayMs, trimStep)
    if (!deleted.ok) return failedTrim(deleted.failure)
    // Prices go in other ways too: with their record, and when they are scored.
    const sum = this.#deps.store.pathsBytes()
    if (sum.ok) this.#pathsBytes = sum.value
    if (deleted.value > 0) {
      return { ok: true, isDone: false, deletedRecords: deleted.value, droppedPaths: 0, detail: undefined }
    }
    const excess = this.#pathsBytes - this.#options.retainBytes
    if (excess <= 0) return { ok: true, isDone: true, deletedRecords: 0, droppedPaths: 0, detail: undefined }
    const dropped = this.#deps.store.dropPaths({ count: trimStep, bytes: excess })
    if (!dropped.ok) return failedTrim(dropped.failure)
    this.#pathsBytes -= dropped.value.bytes
    const isDone = dropped.value.count === 0 || this.#pathsBytes <= this.#options.retainBytes
    return { ok: true, isDone, deletedRecords: 0, droppedPaths: dropped.value.count, detail: undefined }
  }

  #appendSome(jobs: readonly WriterJob[]): Appended[] {
    const prepared = jobs.map((job) => this.#prepare(job))
    const batch = prepared.flatMap((own) => (own.ok ? [own.value] : []))
    // While the store is known to fail, no answer waits: the record is kept, and retry() writes it late.
    const patienceMs = Math.min(...jobs.map((job) => job.giveUpAtMs)) - this.#deps.clock.nowMs()
    const waitMs = this.#failure === undefined ? patienceMs : 0
    const isWritten = batch.length === 0 || this.#write(batch, Math.min(Math.max(waitMs, 0), this.#options.waitMs))
    if (!isWritten) this.#keepForLater(batch)
    return prepared.map((own, i) => ({ ticket: jobs[i]!.ticket, outcome: this.#outcome(own, isWritten) }))
  }

  #outcome(prepared: Preparation, isWritten: boolean): AppendOutcome {
    if (!prepared.ok) return { kind: 'unpersisted', reason: prepared.reason }
    if (isWritten) return { kind: 'committed' }
    const { kind, detail } = this.#failure!
    return { kind: 'unpersisted', reason: `${kind}: ${detail}` }
  }

  #prepare({ record, outputJson }: WriterJob): Preparation {
    if (outputJson === undefined) return { ok: true, value: { record, prices: undefined } }
    const preparation = this.#deps.preparePrices(outputJson, record.outputHash)
    if (!preparation.ok) return preparation
    const { prices } = preparation
    if (this.#makeRoom(prices.bytes.length)) return { ok: true, value: { record, prices } }
    this.#withoutPrices += 1
    return { ok: true, value: { record, prices: undefined } }
  }

  /**
   * Near a full disk the file must not grow: the oldest prices are dropped for the new ones; if there are none, the
   * recipe must be enough. If others took the space, no more is dropped than is needed now.
   */
  #makeRoom(bytes: number): boolean {
    const { store } = this.#deps
    const neededBytes = bytes + spareBytes
    for (;;) {
      const room = store.room()
      // The store has failed: the next write will say how.
      if (!room.ok) return true
      const { diskBytes, unusedBytes } = room.value
      const growthBytes = neededBytes - unusedBytes
      if (growthBytes <= 0 || diskBytes - growthBytes >= this.#options.minFreeBytes) return true
      const dropped = store.dropPaths({ count: trimStep, bytes: growthBytes })
      if (!dropped.ok || dropped.value.count === 0) return false
      this.#pathsBytes -= dropped.value.bytes
    }
  }

  #write(batch: readonly PreparedPrediction[], waitMs: number): boolean {
    const written = this.#deps.store.write(batch, waitMs)
    this.#failure = written.ok ? undefined : written.failure
    if (written.ok) for (const { prices } of batch) this.#pathsBytes += prices?.bytes.length ?? 0
    return written.ok
  }

  #keepForLater(batch: readonly PreparedPrediction[]): void {
    this.#waiting.push(...batch.map(({ record }) => ({ record, prices: undefined })))
    const tooMany = this.#waiting.length - mostWaiting
    if (tooMany <= 0) return
    this.#waiting = this.#waiting.slice(tooMany)
    this.#givenUp += tooMany
  }
}

type Preparation =
  | { readonly ok: true; readonly value: PreparedPrediction }
  | { readonly ok: false; readonly reason: string }

function failedTrim({ kind, detail }: StoreFailure): TrimReport & { readonly isDone: boolean } {
  return { ok: false, isDone: true, deletedRecords: 0, droppedPaths: 0, detail: `${kind}: ${detail}` }
}

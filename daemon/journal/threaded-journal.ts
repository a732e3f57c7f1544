import type { PartHealth } from '#core/base/health/health-board'
import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import { withinMs } from '#core/base/time/within-ms'
import type { Appending, AppendOutcome, Journal } from '#core/forecast/journal/journal'
import { predictionId } from '#core/forecast/journal/prediction-id'
import type { PredictionRecord, ServedPrediction } from '#core/forecast/journal/prediction-record'
import { type Sample, SamplingRule } from '#core/forecast/journal/sampling-rule'
import { readScheduledEvents } from '#core/forecast/journal/scheduled-events'
import type { JournalConfig } from './config.ts'
import { describeJournal } from './journal-health.ts'
import type { FromWriter, ToWriter, TrimReport, WriterState } from './messages.ts'

/** A thread that runs journal-worker.ts. */
export interface WriterThread {
  post(message: ToWriter, transfer: readonly ArrayBuffer[]): void
  onMessage(take: (message: FromWriter) => void): void
  /** Called once, for every kind of end. */
  onEnd(take: (error: unknown) => void): void
  terminate(): Promise<void>
}

export interface JournalDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly startThread: () => WriterThread
  /** The store says that its file is damaged: the next start should check it. */
  readonly onDamage: () => void
  /** Predictions that earlier runs have kept. */
  readonly keptBefore?: number
}

interface Pending {
  readonly record: PredictionRecord
  readonly giveUpAtMs: number
  readonly bytes: number
  readonly settle: (outcome: AppendOutcome) => void
}

const mostPending = 1_000
/** Beyond this, prices that wait for the writer are left out: the recipe makes them again. */
const mostPendingBytes = 200_000_000
/** The writer gives up by itself; this limit is for a writer that hangs. */
const graceMs = 500
const restartAfterMs = 500
const complainEveryMs = 60_000

/**
 * The journal as the answering thread sees it. It decides what is kept, hands it over and waits for "on disk", or as
 * long as an answer can wait. A writer that dies is replaced; its unfinished records go to the next one, without
 * prices.
 */
export class ThreadedJournal implements Journal {
  readonly #deps: JournalDeps
  readonly #config: JournalConfig
  readonly #rule: SamplingRule
  readonly #pending = new Map<number, Pending>()
  readonly #trims = new Map<number, (report: TrimReport) => void>()
  readonly #stopping = new AbortController()
  #thread: WriterThread | undefined
  #state: WriterState | undefined
  #ticket = 0
  #pendingBytes = 0
  #committed = 0
  #unpersisted = 0
  #restarts = 0
  #complainedAtMs = Number.NEGATIVE_INFINITY
  #onStopped: () => void = () => {}

  private constructor(deps: JournalDeps, config: JournalConfig) {
    this.#deps = deps
    this.#config = config
    const { sampling: mode, dayEveryMs, hourEveryMs, volatilityEvents, sessionEdges, calendarEvents } = config
    const addedEvents = readScheduledEvents(config.addedEvents)
    const rule = { mode, dayEveryMs, hourEveryMs, volatilityEvents, sessionEdges, calendarEvents, addedEvents }
    this.#rule = new SamplingRule(rule)
  }

  /** Resolves when the writer has opened the database. */
  static async start(deps: JournalDeps, config: JournalConfig): Promise<ThreadedJournal> {
    const journal = new ThreadedJournal(deps, config)
    await journal.#startThread()
    return journal
  }

  append(served: ServedPrediction, outputJson: Uint8Array): Appending {
    const id = predictionId(served.prompt, served.outputHash)
    return { id, outcome: this.#consider(id, served, outputJson) }
  }

  #consider(id: string, served: ServedPrediction, outputJson: Uint8Array): Promise<AppendOutcome> {
    const sample = this.#rule.consider(served)
    if (sample === undefined) return Promise.resolve({ kind: 'notSampled' })
    if (this.#stopping.signal.aborted) return this.#refuse(sample, 'the journal is stopping')
    if (this.#pending.size >= mostPending) return this.#refuse(sample, `${mostPending} records are waiting already`)
    const { reason, event } = sample
    const record = { ...served, id, reason, ...(event === undefined ? {} : { event }) }
    return this.#hand(record, outputJson, sample)
  }

  /** Frees space by age and bytes. False: it failed, and the next tick retries. */
  async trim(nowMs: number): Promise<boolean> {
    if (this.#thread === undefined) return false
    const ticket = this.#nextTicket()
    const report = await new Promise<TrimReport>((resolve) => {
      this.#trims.set(ticket, resolve)
      this.#thread?.post({ kind: 'trim', ticket, nowMs }, [])
    })
    const { ok, droppedPaths, deletedRecords, detail } = report
    if (droppedPaths + deletedRecords > 0) {
      const fields = { event: 'journal.trimmed', droppedPaths, deletedRecords, pathsBytes: this.#state?.pathsBytes }
      this.#deps.log.info(fields, 'Old predictions were thinned')
    }
    if (!ok)
      this.#deps.log.warn({ event: 'journal.trim_failed', reason: detail }, 'Old predictions could not be thinned')
    return ok
  }

  health(): PartHealth {
    return describeJournal({
      state: this.#state,
      isWriting: this.#thread !== undefined,
      committed: this.#committed,
      keptBefore: this.#deps.keptBefore ?? 0,
      unpersisted: this.#unpersisted,
      restarts: this.#restarts,
    })
  }

  /** Resolves when everything that was handed over is on disk or reported. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('stopping'))
    const thread = this.#thread
    if (thread === undefined) return this.#settleAll('the journal has stopped')
    const stopped = new Promise<void>((resolve) => {
      this.#onStopped = resolve
    })
    thread.post({ kind: 'stop' }, [])
    await withinMs(
      this.#deps.clock,
      this.#config.waitMs + graceMs,
      () => stopped,
      () => undefined,
    )
    this.#settleAll('the journal has stopped')
    await thread.terminate()
  }

  #hand(record: PredictionRecord, outputJson: Uint8Array, sample: Sample): Promise<AppendOutcome> {
    const ticket = this.#nextTicket()
    const isRoom = this.#pendingBytes + outputJson.length <= mostPendingBytes
    // The caller keeps its bytes; the copy is transferred to the thread.
    const copy = isRoom ? outputJson.slice() : undefined
    const bytes = copy?.length ?? 0
    const giveUpAtMs = this.#deps.clock.nowMs() + this.#config.waitMs
    return new Promise((resolve) => {
      const done = new AbortController()
      const settle = (outcome: AppendOutcome): void => {
        if (!this.#pending.delete(ticket)) return
        this.#pendingBytes -= bytes
        done.abort()
        if (outcome.kind === 'committed') this.#committed += 1
        else {
          this.#unpersisted += 1
          sample.revoke()
        }
        resolve(outcome)
      }
      this.#pending.set(ticket, { record, giveUpAtMs, bytes, settle })
      this.#pendingBytes += bytes
      this.#deps.clock.sleep(this.#config.waitMs + graceMs, done.signal).then(
        () => settle({ kind: 'unpersisted', reason: `no answer from the writer within ${this.#config.waitMs} ms` }),
        () => {},
      )
      const message: ToWriter = { kind: 'append', ticket, record, outputJson: copy, giveUpAtMs }
      this.#thread?.post(message, copy === undefined ? [] : [copy.buffer as ArrayBuffer])
    })
  }

  #refuse(sample: Sample, reason: string): Promise<AppendOutcome> {
    sample.revoke()
    this.#unpersisted += 1
    return Promise.resolve({ kind: 'unpersisted', reason })
  }

  #startThread(): Promise<void> {
    const thread = this.#deps.startThread()
    return new Promise((resolve, reject) => {
      thread.onMessage((message) => {
        if (message.kind === 'ready') {
          this.#thread = thread
          // Records that arrived without a writer, or that the dead writer had.
          for (const [ticket, { record, giveUpAtMs }] of this.#pending) {
            thread.post({ kind: 'append', ticket, record, outputJson: undefined, giveUpAtMs }, [])
          }
          resolve()
        } else this.#take(message)
      })
      thread.onEnd((error) => {
        reject(error)
        if (this.#thread === thread) this.#replaceThread(error)
      })
    })
  }

  #replaceThread(error: unknown): void {
    this.#thread = undefined
    for (const settle of this.#trims.values()) settle(lostTrim)
    this.#trims.clear()
    this.#onStopped()
    if (this.#stopping.signal.aborted) return
    this.#restarts += 1
    this.#deps.log.error(
      { event: 'journal.writer_died', err: error, restarts: this.#restarts, pending: this.#pending.size },
      "The journal's writer died; another one replaces it",
    )
    this.#startAgain().catch((err: unknown) => {
      if (!this.#stopping.signal.aborted) this.#deps.log.error({ event: 'journal.writer_failed', err }, 'No writer')
    })
  }

  async #startAgain(): Promise<void> {
    const { clock, log } = this.#deps
    for (;;) {
      await clock.sleep(restartAfterMs, this.#stopping.signal)
      try {
        return await this.#startThread()
      } catch (err) {
        if (this.#stopping.signal.aborted) return
        log.warn({ event: 'journal.writer_failed', err }, "The journal's writer does not start; it is retried")
      }
    }
  }

  #take(message: Exclude<FromWriter, { kind: 'ready' }>): void {
    switch (message.kind) {
      case 'appended':
        this.#enter(message.state)
        for (const { ticket, outcome } of message.results) this.#pending.get(ticket)?.settle(outcome)
        return
      case 'trimmed':
        this.#enter(message.state)
        this.#trims.get(message.ticket)?.(message.report)
        this.#trims.delete(message.ticket)
        return
      case 'state':
        this.#enter(message.state)
        return
      case 'stopped':
        this.#onStopped()
        return
    }
  }

  #enter(state: WriterState): void {
    const { clock, log } = this.#deps
    const before = this.#state
    this.#state = state
    const { failure } = state
    if (failure === undefined) {
      if (before?.failure === undefined) return
      const fields = { event: 'journal.recovered', writtenLate: state.writtenLate, waiting: state.waiting }
      log.info(fields, 'The store accepts records again')
      this.#complainedAtMs = Number.NEGATIVE_INFINITY
      return
    }
    if (failure.kind === 'damaged' && before?.failure?.kind !== 'damaged') this.#deps.onDamage()
    if (clock.monotonicMs() - this.#complainedAtMs < complainEveryMs) return
    this.#complainedAtMs = clock.monotonicMs()
    const event = failure.kind === 'full' ? 'journal.store_full' : 'journal.store_unavailable'
    log.error({ event, reason: failure.detail, waiting: state.waiting }, 'Predictions are served but not kept')
  }

  #settleAll(reason: string): void {
    for (const { settle } of [...this.#pending.values()]) settle({ kind: 'unpersisted', reason })
  }

  #nextTicket(): number {
    this.#ticket += 1
    return this.#ticket
  }
}

const lostTrim: TrimReport = { ok: false, droppedPaths: 0, deletedRecords: 0, detail: 'the writer died' }

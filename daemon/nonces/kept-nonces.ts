import type { PartHealth } from '#core/base/health/health-board'
import type { Stoppable } from '#core/base/lifecycle/shutdown-stack'
import type { Logger } from '#core/base/log/logger'
import type { Stored, StoreFailure } from '#core/base/store/stored'
import type { Clock } from '#core/base/time/clock'
import { withinMs } from '#core/base/time/within-ms'
import type { CompletenessMark } from '#core/bittensor/admission/completeness-mark'
import { NonceBacklog } from '#core/bittensor/admission/nonce-backlog'
import type {
  NonceEntry,
  NonceFloor,
  NonceRecord,
  NonceRecords,
  NonceStore,
} from '#core/bittensor/admission/nonce-store'
import type { LoadedNonces, NonceWriter } from '#core/bittensor/admission/nonce-writer'
import { describeNonces } from './nonces-health.ts'

export interface KeptNoncesDeps {
  /** Real time: the disk runs on it. */
  readonly clock: Clock
  readonly log: Logger
  readonly writer: NonceWriter
  readonly mark: CompletenessMark
  readonly onBug: (error: unknown) => void
}

export interface KeptNoncesOptions {
  /** Own start and the window ahead of it: nothing later was answered by an earlier process. */
  readonly floorNs: bigint
}

/** A disk that works needs this long; an answer spares it the mark. */
const graceMs = 25
/** How long an answer waits for the mark to go. */
const unmarkMs = 50
const retryEveryMs = 500
/** The mark does not come and go with each answer. */
const quietMs = 1_000
const loadWithinMs = 5_000
const stopWithinMs = 3_000
const complainEveryMs = 60_000

/**
 * The nonces of the whole miner on their way to the disk. What was taken waits in memory and is written as soon as the
 * disk can; no answer waits for that. Instead a mark lies beside the file exactly while everything that was answered is in
 * it. A start that finds no mark takes no nonce from before itself, so nothing that was answered is taken again.
 */
export class KeptNonces implements NonceStore, Stoppable {
  readonly #deps: KeptNoncesDeps
  readonly #records: NonceRecords
  readonly #backlog = new NonceBacklog()
  readonly #stopping = new AbortController()
  #waiters: { readonly number: number; readonly resolve: () => void }[] = []
  /** Each record has a number; all up to `#writtenTo` are on disk, and none above `#answeredTo` has left unwritten. */
  #lastNumber = 0
  #writtenTo = 0
  #answeredTo = 0
  #inFlight = 0
  #isWriting = false
  #isMarkingLater = false
  /** Undefined: not known after a failure. */
  #isMarked: boolean | undefined
  #shouldBeMarked: boolean
  #marking: Promise<void> | undefined
  #failure: (StoreFailure & { readonly sinceMs: number }) | undefined
  #complainedAtMs = Number.NEGATIVE_INFINITY

  private constructor(deps: KeptNoncesDeps, records: NonceRecords, isMarked: boolean) {
    this.#deps = deps
    this.#records = records
    this.#isMarked = isMarked
    this.#shouldBeMarked = isMarked
  }

  static async start(deps: KeptNoncesDeps, { floorNs }: KeptNoncesOptions): Promise<KeptNonces> {
    const loaded = await withinMs<Stored<LoadedNonces>, Stored<LoadedNonces>>(
      deps.clock,
      loadWithinMs,
      () => deps.writer.load(),
      () => ({ ok: false, failure: { kind: 'busy', detail: `no answer within ${loadWithinMs} ms` } }),
    )
    const isMarked = deps.mark.isThere()
    if (loaded.ok && isMarked) return new KeptNonces(deps, loaded.value, true)
    const known = loaded.ok ? loaded.value : nothing
    const nonces = new KeptNonces(
      deps,
      { ...known, floorNs: known.floorNs > floorNs ? known.floorNs : floorNs },
      isMarked,
    )
    nonces.#begin(floorNs, loaded)
    return nonces
  }

  async load(receiver: string): Promise<NonceRecords> {
    const isOwn = (owner: { readonly receiver: string }) => owner.receiver === receiver
    const { entries, floors, floorNs } = this.#records
    return { entries: entries.filter(isOwn), floors: floors.filter(isOwn), floorNs }
  }

  save(entry: NonceEntry): NonceRecord {
    this.#backlog.save(entry)
    const number = this.#handOver()
    return { beforeAnswer: () => this.#beforeAnswer(number) }
  }

  raise(floors: readonly NonceFloor[]): void {
    if (floors.length === 0) return
    this.#backlog.raise(floors)
    this.#handOver()
  }

  health(): PartHealth {
    return describeNonces({ failure: this.#failure, waiting: this.#backlog.size + this.#inFlight })
  }

  /** Writes what waits, for some seconds, and makes the mark if that succeeds. */
  async stop(): Promise<void> {
    await this.#within(stopWithinMs, this.#written(this.#lastNumber))
    this.#stopping.abort(new Error('stopping'))
    if (this.#writtenTo >= this.#answeredTo) await this.#within(stopWithinMs, this.#setMark(true))
  }

  /** The records may be incomplete: from here on the floor covers what is missing, once it is on disk itself. */
  #begin(floorNs: bigint, loaded: Stored<LoadedNonces>): void {
    const { log } = this.#deps
    const fields = { event: 'nonces.incomplete', floorNs: String(floorNs) }
    const sentence = 'Nonces from before this start may not be on record; only later ones are taken'
    if (!loaded.ok) log.error({ ...fields, reason: loaded.failure.detail }, sentence)
    else if (loaded.value.damage !== undefined) log.error({ ...fields, reason: loaded.value.damage }, sentence)
    else log.info({ ...fields, reason: 'no mark of completeness' }, sentence)
    this.#backlog.raiseAll(floorNs)
    this.#answeredTo = this.#handOver()
    void this.#setMark(false)
  }

  async #beforeAnswer(number: number): Promise<void> {
    if (this.#failure === undefined) await this.#within(graceMs, this.#written(number))
    if (this.#writtenTo >= number) return
    this.#answeredTo = Math.max(this.#answeredTo, number)
    await this.#within(unmarkMs, this.#setMark(false))
  }

  #handOver(): number {
    this.#lastNumber += 1
    if (!this.#isWriting && !this.#stopping.signal.aborted) {
      this.#isWriting = true
      this.#write().catch(this.#deps.onBug)
    }
    return this.#lastNumber
  }

  /** One batch at a time: what arrives meanwhile goes together into the next. */
  async #write(): Promise<void> {
    while (this.#backlog.size > 0 && !this.#stopping.signal.aborted) {
      const upTo = this.#lastNumber
      this.#inFlight = this.#backlog.size
      const batch = this.#backlog.take()
      const written = await this.#deps.writer.write(batch)
      this.#inFlight = 0
      if (written.ok) this.#noteWritten(upTo)
      else {
        this.#backlog.putBack(batch)
        this.#noteFailure(written.failure)
        await this.#deps.clock.sleep(retryEveryMs, this.#stopping.signal).catch(() => undefined)
      }
    }
    this.#isWriting = false
  }

  #written(number: number): Promise<void> {
    if (this.#writtenTo >= number) return Promise.resolve()
    return new Promise((resolve) => void this.#waiters.push({ number, resolve }))
  }

  #noteWritten(upTo: number): void {
    this.#writtenTo = upTo
    for (const { number, resolve } of this.#waiters) if (number <= upTo) resolve()
    this.#waiters = this.#waiters.filter(({ number }) => number > upTo)
    if (this.#failure !== undefined) {
      this.#failure = undefined
      this.#complainedAtMs = Number.NEGATIVE_INFINITY
      this.#deps.log.info({ event: 'nonces.recovered' }, 'Used nonces are on disk again')
    }
    if (!this.#shouldBeMarked && !this.#isMarkingLater) this.#markLater().catch(this.#deps.onBug)
  }

  #noteFailure(failure: StoreFailure): void {
    const { clock, log } = this.#deps
    this.#failure = { ...failure, sinceMs: this.#failure?.sinceMs ?? clock.nowMs() }
    if (clock.monotonicMs() - this.#complainedAtMs < complainEveryMs) return
    this.#complainedAtMs = clock.monotonicMs()
    const fields = {
      event: 'nonces.unwritten',
      kind: failure.kind,
      reason: failure.detail,
      waiting: this.#backlog.size,
    }
    log.error(fields, 'Used nonces wait in memory; prompts are answered')
  }

  async #markLater(): Promise<void> {
    this.#isMarkingLater = true
    for (;;) {
      const answeredTo = this.#answeredTo
      await this.#deps.clock.sleep(quietMs, this.#stopping.signal).catch(() => undefined)
      const isCaughtUp = this.#writtenTo >= this.#answeredTo && !this.#stopping.signal.aborted
      if (!isCaughtUp || answeredTo === this.#answeredTo) {
        this.#isMarkingLater = false
        if (isCaughtUp) await this.#setMark(true)
        return
      }
    }
  }

  #setMark(shouldBeMarked: boolean): Promise<void> {
    this.#shouldBeMarked = shouldBeMarked
    if (this.#marking !== undefined) return this.#marking
    if (this.#isMarked === shouldBeMarked) return Promise.resolve()
    this.#marking = this.#followMark().catch(this.#deps.onBug)
    return this.#marking
  }

  /** One step after the other, so that the last wish is what lies on disk. */
  async #followMark(): Promise<void> {
    const { log, mark } = this.#deps
    while (this.#isMarked !== this.#shouldBeMarked) {
      const next = this.#shouldBeMarked
      this.#isMarked = undefined
      try {
        await (next ? mark.make() : mark.remove())
        this.#isMarked = next
      } catch (err) {
        log.warn(
          { event: 'nonces.mark_failed', shouldBeMarked: next, err },
          'The mark of complete nonces did not change',
        )
        // Without a mark the next start is careful, so a mark that cannot be made is left until the next time.
        if (next) this.#shouldBeMarked = false
        break
      }
    }
    // In the turn in which the last step is seen to be done: a later wish starts anew.
    this.#marking = undefined
  }

  #within(limitMs: number, work: Promise<void>): Promise<void> {
    return withinMs(
      this.#deps.clock,
      limitMs,
      () => work,
      () => undefined,
    )
  }
}

const nothing: NonceRecords = { entries: [], floors: [], floorNs: 0n }

import type { PartHealth } from '#core/base/health/health-board'
import type { Stoppable } from '#core/base/lifecycle/shutdown-stack'
import type { Logger } from '#core/base/log/logger'
import type { Stored, StoreFailure } from '#core/base/store/stored'
import type { Clock } from '#core/base/time/clock'
import { withinMs } from '#core/base/time/within-ms'
import { NonceBacklog } from '#core/bittensor/admission/nonce-backlog'
import { type NonceMark, nearNs } from '#core/bittensor/admission/nonce-mark'
import type {
  NonceEntry,
  NonceFloor,
  NonceRecord,
  NonceRecords,
  NonceStore,
} from '#core/bittensor/admission/nonce-store'
import type { LoadedNonces, NonceWriter, StoredNonces } from '#core/bittensor/admission/nonce-writer'
import { FollowedMark } from './followed-mark.ts'
import { describeNonces } from './nonces-health.ts'

export interface KeptNoncesDeps {
  /** Real time: the disk runs on it. */
  readonly clock: Clock
  /** The miner's own time: nonces are compared with it. */
  readonly nowNs: () => bigint
  /** Whether somebody else confirms that time. Before, no floor is stored: a wrong one could not be taken back. */
  readonly isTimeSure: () => boolean
  readonly log: Logger
  readonly writer: NonceWriter
  /** Lies there exactly while everything that was answered is on disk. */
  readonly complete: NonceMark
  /** Lies there only while no nonce that was answered is far ahead of the clock. */
  readonly near: NonceMark
  readonly onBug: (error: unknown) => void
}

export interface KeptNoncesOptions {
  /** When the last process that answered from these files was gone, by the time that we work by now. */
  readonly lockedNs: () => bigint
  /** The window: so far ahead of the clock a nonce is taken. */
  readonly aheadNs: bigint
}

/** A disk that works needs this long; an answer spares it the mark. */
const graceMs = 25
/** How long an answer waits for the mark to go. */
const unmarkMs = 50
const retryEveryMs = 500
/** The marks do not come and go with each answer. */
const quietMs = 1_000
const retryMarkMs = 60_000
const loadWithinMs = 5_000
const stopWithinMs = 3_000
const complainEveryMs = 60_000

/**
 * The nonces of the whole miner on their way to the disk. What was taken waits in memory and is written as soon as the
 * disk can; no answer waits for that. Instead a mark lies beside the file exactly while everything that was answered is in
 * it. A start that finds no mark takes no nonce that an earlier process may have answered.
 *
 * How far ahead of the clock such a nonce can be is what a second mark says. It goes before an answer to a caller whose clock
 * is far ahead, and comes again when that time has passed. So a start takes the nonces of right clocks after two seconds,
 * and waits for the whole window ahead only where a clock was wrong.
 */
export class KeptNonces implements NonceStore, Stoppable {
  readonly #deps: KeptNoncesDeps
  readonly #records: StoredNonces
  /** A nonce that an earlier process answered is not later. */
  readonly #latestNs: () => bigint
  readonly #isComplete: boolean
  /** What this start lacks is covered by a floor on the way to the disk, or nothing is lacking. */
  #isCovered: boolean
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
  readonly #complete: FollowedMark
  readonly #near: FollowedMark
  /** No nonce that this process took is later. */
  #farthestNs = 0n
  #isWaitingForNear = false
  #failure: (StoreFailure & { readonly sinceMs: number }) | undefined
  #complainedAtMs = Number.NEGATIVE_INFINITY

  private constructor(
    deps: KeptNoncesDeps,
    known: { readonly records: StoredNonces; readonly isComplete: boolean; readonly latestNs: () => bigint },
    marks: { readonly complete: FollowedMark; readonly near: FollowedMark },
  ) {
    this.#deps = deps
    this.#records = known.records
    this.#isComplete = known.isComplete
    this.#isCovered = known.isComplete
    this.#latestNs = known.latestNs
    this.#complete = marks.complete
    this.#near = marks.near
  }

  static async start(deps: KeptNoncesDeps, { lockedNs, aheadNs }: KeptNoncesOptions): Promise<KeptNonces> {
    const loaded = await withinMs<Stored<LoadedNonces>, Stored<LoadedNonces>>(
      deps.clock,
      loadWithinMs,
      () => deps.writer.load(),
      () => ({ ok: false, failure: { kind: 'busy', detail: `no answer within ${loadWithinMs} ms` } }),
    )
    // After the load: it removes the mark of a file that is lost.
    const complete = new FollowedMark(deps, deps.complete)
    const near = new FollowedMark(deps, deps.near)
    const leadNs = near.isWanted ? least(nearNs, aheadNs) : aheadNs
    const isComplete = loaded.ok && complete.isWanted
    const records = loaded.ok ? loaded.value : nothing
    const known = { records, isComplete, latestNs: () => lockedNs() + leadNs }
    const nonces = new KeptNonces(deps, known, { complete, near })
    nonces.#noteTaken(0n)
    if (!isComplete) nonces.#begin(loaded)
    return nonces
  }

  async load(receiver: string): Promise<NonceRecords> {
    const isOwn = (owner: { readonly receiver: string }) => owner.receiver === receiver
    const { entries, floors } = this.#records
    return { entries: entries.filter(isOwn), floors: floors.filter(isOwn) }
  }

  floorNs(): bigint {
    const { floorNs } = this.#records
    return this.#isComplete ? floorNs : greatest(floorNs, this.#latestNs())
  }

  save(entry: NonceEntry): NonceRecord {
    this.#backlog.save(entry)
    this.#noteTaken(entry.nonceNs)
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
    if (this.#isCaughtUp()) await this.#within(stopWithinMs, this.#complete.set(true))
  }

  /** The records may be incomplete: from here on the floor covers what is missing, once it is on disk itself. */
  #begin(loaded: Stored<LoadedNonces>): void {
    const { log, onBug } = this.#deps
    const fields = { event: 'nonces.incomplete', floorNs: String(this.floorNs()) }
    const sentence = 'Nonces from before this start may not be on record; only later ones are taken'
    if (!loaded.ok) log.error({ ...fields, reason: loaded.failure.detail }, sentence)
    else if (loaded.value.damage !== undefined) log.error({ ...fields, reason: loaded.value.damage }, sentence)
    else log.info({ ...fields, reason: 'no mark of completeness' }, sentence)
    void this.#complete.set(false)
    this.#cover().catch(onBug)
  }

  async #cover(): Promise<void> {
    const { clock, isTimeSure } = this.#deps
    const { signal } = this.#stopping
    while (!isTimeSure()) {
      await clock.sleep(quietMs, signal).catch(() => undefined)
      if (signal.aborted) return
    }
    this.#backlog.raiseAll(this.floorNs())
    this.#isCovered = true
    this.#answeredTo = this.#handOver()
  }

  #isCaughtUp(): boolean {
    return this.#isCovered && this.#writtenTo >= this.#answeredTo
  }

  /** Known as far while it is: once the clock has come near, no start from then on needs to know of it. */
  #noteTaken(nonceNs: bigint): void {
    this.#farthestNs = greatest(this.#farthestNs, nonceNs)
    if (!this.#isFar()) return
    void this.#near.set(false)
    if (!this.#isWaitingForNear) this.#nearLater().catch(this.#deps.onBug)
  }

  #isFar(): boolean {
    return greatest(this.#farthestNs, this.#latestNs()) > this.#deps.nowNs() + nearNs
  }

  async #nearLater(): Promise<void> {
    const { clock } = this.#deps
    const { signal } = this.#stopping
    this.#isWaitingForNear = true
    let waitMs = quietMs
    while (!signal.aborted && !this.#near.isWanted) {
      await clock.sleep(waitMs, signal).catch(() => undefined)
      if (signal.aborted || this.#isFar()) continue
      await this.#near.set(true)
      waitMs = retryMarkMs
    }
    this.#isWaitingForNear = false
  }

  async #beforeAnswer(number: number): Promise<void> {
    // Gone already, as a rule: it was taken away when the nonce was taken.
    if (this.#isFar()) await this.#within(unmarkMs, this.#near.set(false))
    if (this.#failure === undefined) await this.#within(graceMs, this.#written(number))
    if (this.#writtenTo >= number) return
    this.#answeredTo = Math.max(this.#answeredTo, number)
    await this.#within(unmarkMs, this.#complete.set(false))
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
    if (this.#isCovered && !this.#complete.isWanted && !this.#isMarkingLater) this.#markLater().catch(this.#deps.onBug)
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
      const isCaughtUp = this.#isCaughtUp() && !this.#stopping.signal.aborted
      if (!isCaughtUp || answeredTo === this.#answeredTo) {
        this.#isMarkingLater = false
        if (isCaughtUp) await this.#complete.set(true)
        return
      }
    }
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

const nothing: StoredNonces = { entries: [], floors: [], floorNs: 0n }

function greatest(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

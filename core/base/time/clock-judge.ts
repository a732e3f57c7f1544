import type { PartHealth } from '../health/health-board.ts'
import type { Logger } from '../log/logger.ts'
import type { Clock } from './clock.ts'
import { lineAt, type TimeLine } from './time-line.ts'
import { mostWorkErrorMs, TimeWitnesses } from './time-witnesses.ts'
import {
  contradictStored,
  mostClockErrorMs,
  spell,
  type TrustedTime,
  type TrustedTimeStore,
  type Uptime,
} from './trusted-time.ts'
import { dayMs, minuteMs } from './units.ts'

export interface ClockJudgeDeps {
  readonly clock: Clock
  readonly uptime: Uptime
  readonly store: TrustedTimeStore
  readonly log: Logger
}

/** A jump that lasts is followed: it is more often a correction than an error. */
const followAfterMs = 5 * minuteMs
/** Without a witness, a wall clock that has kept its course for so long is believed. */
const believeAfterMs = dayMs
const saveEveryMs = 10 * minuteMs

/**
 * Compares the wall clock with the monotonic clock, the chain's time, the venues' and the last stored time. Two answers
 * come of it.
 *
 * `nowMs` is the time to work by: the wall clock, but for a jump, during which time runs on from before it. The jump is
 * followed at once if the chain agrees with it, after five minutes if no chain is heard, and not at all while the chain
 * contradicts it. Where the chain and a venue agree that the wall clock is wrong, theirs is the time to work by until it
 * is right: the chain alone never moves the time.
 *
 * `doubt` is why no step may be taken now that cannot be undone: deleting records, writing into the ledger.
 */
export class ClockJudge implements Clock {
  readonly #deps: ClockJudgeDeps
  /** The time that `nowMs` follows. */
  #believed: TimeLine
  /** The course that was free of doubt last; undefined when it never was. */
  #proven: TimeLine | undefined
  /** The time to work by is that of the chain and a venue, and runs on with the monotonic clock. */
  #isBorrowed = false
  #jump: { readonly sinceMs: number; readonly offMs: number } | undefined
  /** What only a witness, an operator or a day can clear. */
  #unproven: { readonly sinceMs: number; readonly reason: string } | undefined
  readonly #witnesses = new TimeWitnesses()
  #reported: string | undefined
  #saved: TrustedTime | undefined
  #savedAtMs = Number.NEGATIVE_INFINITY
  #isStoreBroken = false

  constructor(deps: ClockJudgeDeps) {
    this.#deps = deps
    const { clock, uptime } = deps
    this.#believed = { wallMs: clock.nowMs(), monotonicMs: clock.monotonicMs() }
    this.#saved = this.#readStored()
    const reason = contradictStored(this.#saved, this.#believed.wallMs, uptime)
    if (reason === undefined) this.#proven = this.#believed
    else this.#unproven = { sinceMs: this.#believed.monotonicMs, reason }
  }

  nowMs(): number {
    this.#look()
    return lineAt(this.#believed, this.#deps.clock.monotonicMs())
  }

  monotonicMs(): number {
    return this.#deps.clock.monotonicMs()
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return this.#deps.clock.sleep(durationMs, signal)
  }

  /** The chain made a block with this time in it, and it reached us at this monotonic time. */
  noteBlock(blockTimestampMs: number, arrivedAtMonotonicMs: number): void {
    this.#witnesses.noteBlock({ wallMs: blockTimestampMs, monotonicMs: arrivedAtMonotonicMs })
  }

  /** A venue says that a price was made at this time; it has just reached us. */
  noteQuote(venue: string, publishedAtMs: number): void {
    this.#witnesses.noteVenue(venue, { wallMs: publishedAtMs, monotonicMs: this.#deps.clock.monotonicMs() })
  }

  /** Whether the time to work by is more than our own word: nothing speaks against it, and somebody agrees. */
  isConfirmed(): boolean {
    return this.doubt() === undefined && this.#witnesses.doesAnyAgree(this.#believed)
  }

  /** Why the clock is not trusted; undefined when it is. Looks anew, so that a single wrong tick is seen in that tick. */
  doubt(): string | undefined {
    this.#look()
    if (this.#isBorrowed) {
      const offMs = this.#deps.clock.nowMs() - lineAt(this.#believed, this.#deps.clock.monotonicMs())
      return `it is ${spell(offMs)} from the time that the chain and the venues agree on, which the miner works by`
    }
    if (this.#jump !== undefined) return `it has jumped by ${spell(this.#jump.offMs)}`
    const chainMs = this.#witnesses.chainMs(this.#deps.clock.monotonicMs())
    if (chainMs !== undefined) {
      const offMs = this.#believed.wallMs - chainMs
      if (Math.abs(offMs) > mostClockErrorMs) return `it is ${spell(offMs)} from the chain's time`
    }
    return this.#unproven?.reason
  }

  /** To be called each minute: says what has changed, and stores the time while it is trusted. */
  tick(): void {
    const { log } = this.#deps
    if (this.#unproven !== undefined) this.#hearOperator()
    const doubt = this.doubt()
    if (doubt !== undefined && this.#reported === undefined) {
      log.error({ event: 'clock.doubted', reason: doubt }, 'The clock of this computer is not trusted; some steps wait')
    }
    if (doubt === undefined && this.#reported !== undefined) {
      log.info({ event: 'clock.trusted' }, 'The clock of this computer is trusted again')
    }
    this.#reported = doubt
    if (doubt === undefined) this.#save()
  }

  health(): PartHealth {
    const doubt = this.doubt()
    if (doubt === undefined)
      return { state: 'ok', sentence: 'The wall clock agrees with all that is known of the time.' }
    return {
      state: 'degraded',
      sentence: `The clock of this computer is not trusted: ${doubt}. Prompts are answered; no records are deleted and the ledger is not written.`,
      hint: 'Set the clock (timedatectl set-ntp true). If it is right, run "tuner ledger trust-clock --reason TEXT".',
    }
  }

  #look(): void {
    const { clock } = this.#deps
    const now: TimeLine = { wallMs: clock.nowMs(), monotonicMs: clock.monotonicMs() }
    if (this.#isAgainstAll(now)) return
    if (this.#proven !== undefined && isOn(this.#proven, now)) {
      this.#believed = now
      this.#proven = now
      this.#jump = undefined
      this.#unproven = undefined
      return
    }
    if (isOn(this.#believed, now)) {
      this.#believed = now
      this.#jump = undefined
      this.#tryToProve(now)
      return
    }
    const offMs = now.wallMs - lineAt(this.#believed, now.monotonicMs)
    if (this.#jump === undefined || Math.abs(offMs - this.#jump.offMs) > mostClockErrorMs) {
      this.#jump = { sinceMs: now.monotonicMs, offMs }
    }
    const chainMs = this.#witnesses.chainMs(now.monotonicMs)
    if (chainMs === undefined) {
      if (now.monotonicMs - this.#jump.sinceMs >= followAfterMs) this.#follow(now)
    } else if (Math.abs(now.wallMs - chainMs) <= mostClockErrorMs) this.#follow(now)
  }

  /** Takes the time of the chain and a venue where both contradict the wall clock, and keeps it until that is right. */
  #isAgainstAll(now: TimeLine): boolean {
    const agreedMs = this.#witnesses.contradict(now)
    const believedMs = lineAt(this.#believed, now.monotonicMs)
    if (agreedMs !== undefined && Math.abs(believedMs - agreedMs) > mostWorkErrorMs) this.#borrow(now, agreedMs)
    else if (this.#isBorrowed) {
      if (isOn(this.#believed, now, mostWorkErrorMs) || this.#witnesses.support(now)) this.#giveBack(now)
      // A later block may have come sooner after it was made.
      else this.#believed = { ...now, wallMs: Math.max(believedMs, agreedMs ?? believedMs) }
    }
    return this.#isBorrowed
  }

  #borrow(now: TimeLine, agreedMs: number): void {
    const offMs = now.wallMs - agreedMs
    if (!this.#isBorrowed) {
      const fields = { event: 'clock.replaced', offMs }
      this.#deps.log.error(fields, 'The clock of this computer is wrong; the chain and the venues tell the time')
    }
    this.#isBorrowed = true
    this.#believed = { ...now, wallMs: agreedMs }
    this.#proven = undefined
    this.#jump = undefined
    this.#unproven = { sinceMs: now.monotonicMs, reason: `it was wrong by ${spell(offMs)}` }
  }

  #giveBack(now: TimeLine): void {
    this.#deps.log.info({ event: 'clock.returned' }, 'The clock of this computer tells the time again')
    this.#isBorrowed = false
    this.#believed = now
    this.#tryToProve(now)
  }

  #follow(now: TimeLine): void {
    const { sinceMs, offMs } = this.#jump!
    this.#believed = now
    this.#jump = undefined
    this.#unproven = { sinceMs, reason: `it has jumped by ${spell(offMs)} and nothing confirms the new time` }
    this.#tryToProve(now)
  }

  #tryToProve(now: TimeLine): void {
    const chainMs = this.#witnesses.chainMs(now.monotonicMs)
    const isConfirmed = chainMs !== undefined && Math.abs(now.wallMs - chainMs) <= mostClockErrorMs
    const isOld = this.#unproven !== undefined && now.monotonicMs - this.#unproven.sinceMs >= believeAfterMs
    if (!isConfirmed && !isOld) return
    this.#unproven = undefined
    this.#proven = now
  }

  /** While there is doubt we store nothing, so a time that has changed is an operator's word. */
  #hearOperator(): void {
    const stored = this.#readStored()
    const { clock, uptime } = this.#deps
    if (stored === undefined || stored.atMs === this.#saved?.atMs) return
    this.#saved = stored
    const wallMs = clock.nowMs()
    if (contradictStored(stored, wallMs, uptime) !== undefined) return
    this.#unproven = undefined
    this.#jump = undefined
    this.#proven = { wallMs, monotonicMs: clock.monotonicMs() }
    this.#believed = this.#proven
  }

  #save(): void {
    const { clock, uptime, store, log } = this.#deps
    if (clock.monotonicMs() - this.#savedAtMs < saveEveryMs) return
    this.#savedAtMs = clock.monotonicMs()
    const time = { atMs: this.nowMs(), uptimeMs: uptime.uptimeMs(), bootId: uptime.bootId }
    try {
      store.saveTrusted(time)
      this.#saved = time
      this.#isStoreBroken = false
    } catch (err) {
      // Nothing depends on it but the next start; a full disk is said elsewhere too.
      if (!this.#isStoreBroken) log.warn({ event: 'clock.not_stored', err }, 'The trusted time could not be stored')
      this.#isStoreBroken = true
    }
  }

  #readStored(): TrustedTime | undefined {
    try {
      return this.#deps.store.readTrusted()
    } catch (err) {
      this.#deps.log.warn({ event: 'clock.not_read', err }, 'The last stored time could not be read')
      return this.#saved
    }
  }
}

function isOn(line: TimeLine, now: TimeLine, limitMs = mostClockErrorMs): boolean {
  return Math.abs(now.wallMs - lineAt(line, now.monotonicMs)) <= limitMs
}

import type { PartHealth } from '../health/health-board.ts'
import type { Logger } from '../log/logger.ts'
import type { Clock } from './clock.ts'
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

/** A time of our wall clock and the monotonic time at which we saw it. */
interface Line {
  readonly wallMs: number
  readonly monotonicMs: number
}

/** A jump that lasts is followed: it is more often a correction than an error. */
const followAfterMs = 5 * minuteMs
/** Without a witness, a wall clock that has kept its course for so long is believed. */
const believeAfterMs = dayMs
/** An older word of the chain is no proof: the computer may have slept since. */
const witnessLastsMs = 10 * minuteMs
const witnessesToKeep = 10
const saveEveryMs = 10 * minuteMs

/**
 * Compares the wall clock with the monotonic clock, the chain's time and the last stored time. Two answers come of it.
 *
 * `nowMs` is the time to work by: the wall clock, but for a jump, during which time runs on from before it. The jump is
 * followed at once if the chain agrees with it, after five minutes if no chain is heard, and not at all while the chain
 * contradicts it.
 *
 * `doubt` is why no step may be taken now that cannot be undone: deleting records, writing into the ledger.
 */
export class ClockJudge implements Clock {
  readonly #deps: ClockJudgeDeps
  /** The time that `nowMs` follows. */
  #believed: Line
  /** The course that was free of doubt last; undefined when it never was. */
  #proven: Line | undefined
  #jump: { readonly sinceMs: number; readonly offMs: number } | undefined
  /** What only a witness, an operator or a day can clear. */
  #unproven: { readonly sinceMs: number; readonly reason: string } | undefined
  #witnesses: Line[] = []
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
    this.#witnesses.push({ wallMs: blockTimestampMs, monotonicMs: arrivedAtMonotonicMs })
    if (this.#witnesses.length > witnessesToKeep) this.#witnesses.shift()
  }

  /** Why the clock is not trusted; undefined when it is. Looks anew, so that a single wrong tick is seen in that tick. */
  doubt(): string | undefined {
    this.#look()
    if (this.#jump !== undefined) return `it has jumped by ${spell(this.#jump.offMs)}`
    const chainMs = this.#chainMs()
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
    const now: Line = { wallMs: clock.nowMs(), monotonicMs: clock.monotonicMs() }
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
    const chainMs = this.#chainMs(now.monotonicMs)
    if (chainMs === undefined) {
      if (now.monotonicMs - this.#jump.sinceMs >= followAfterMs) this.#follow(now)
    } else if (Math.abs(now.wallMs - chainMs) <= mostClockErrorMs) this.#follow(now)
  }

  #follow(now: Line): void {
    const { sinceMs, offMs } = this.#jump!
    this.#believed = now
    this.#jump = undefined
    this.#unproven = { sinceMs, reason: `it has jumped by ${spell(offMs)} and nothing confirms the new time` }
    this.#tryToProve(now)
  }

  #tryToProve(now: Line): void {
    const chainMs = this.#chainMs(now.monotonicMs)
    const isConfirmed = chainMs !== undefined && Math.abs(now.wallMs - chainMs) <= mostClockErrorMs
    const isOld = this.#unproven !== undefined && now.monotonicMs - this.#unproven.sinceMs >= believeAfterMs
    if (!isConfirmed && !isOld) return
    this.#unproven = undefined
    this.#proven = now
  }

  /** A block is seen after it was made, so the newest estimate is the best; undefined when none is fresh. */
  #chainMs(monotonicMs = this.#deps.clock.monotonicMs()): number | undefined {
    const fresh = this.#witnesses.filter((line) => monotonicMs - line.monotonicMs <= witnessLastsMs)
    return fresh.length === 0 ? undefined : Math.max(...fresh.map((line) => lineAt(line, monotonicMs)))
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

function lineAt(line: Line, monotonicMs: number): number {
  return Math.round(line.wallMs + (monotonicMs - line.monotonicMs))
}

function isOn(line: Line, now: Line): boolean {
  return Math.abs(now.wallMs - lineAt(line, now.monotonicMs)) <= mostClockErrorMs
}

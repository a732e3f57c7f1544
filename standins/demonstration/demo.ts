import type { Clock } from '#core/base/time/clock'
import { hourMs, minuteMs } from '#core/base/time/units'
import type { DevValidator } from '../validator/dev-validator.ts'
import { askedText } from '../validator/run-validator.ts'
import { scoreTable, tableNote } from '../validator/score-table.ts'
import { hasRoomForRound } from './demo-pace.ts'
import type { LeapingClock } from './leaping-clock.ts'

export interface DemoDeps {
  /** The time of market, miner and validator. */
  readonly clock: Pick<LeapingClock, 'nowMs' | 'leapTo'>
  readonly realClock: Clock
  readonly validator: DevValidator
  /** Whether the miner has caught up with the market, by its health page. */
  readonly isReady: () => boolean
  readonly say: (line: string) => void
}

/** One cycle of the slowest lane, so that every asset is asked for. */
const roundMinutes = 12
const betweenRoundsMs = 8 * hourMs
export const leapSpeed = 7_200
/** Slow enough for the miner to record minutes and read prices on the way. */
const approachSpeed = 600
const approachMs = 3 * minuteMs
/** A new miner needs this long to fill its minutes. */
const warmUpMs = hourMs
const readyPatienceMs = 3_000
const tableEveryMs = 60_000
/** The first table waits until a day of the market is over, within reason. */
const firstTableMs = 90_000
const settlePauseMs = 100

/**
 * Rounds of twelve minutes, every eight hours of market time, in which the validator sends its normal prompts. While a
 * request is in progress, time runs at real speed, so every deadline has its normal meaning. Between requests time
 * leaps.
 */
export class Demo {
  readonly #deps: DemoDeps
  /** Undefined: until stopped. */
  readonly #budgetMs: number | undefined
  readonly #signal: AbortSignal
  readonly #startedAtMs: number
  #rounds = 0
  #longestRoundMs = 0
  #lastTableAtMs: number | undefined
  #wasReady = true

  constructor(deps: DemoDeps, options: { minutes: number | undefined }, signal: AbortSignal) {
    this.#deps = deps
    this.#budgetMs = options.minutes === undefined ? undefined : options.minutes * minuteMs
    this.#signal = signal
    this.#startedAtMs = deps.realClock.monotonicMs()
  }

  /** Returns when it is finished or was stopped. */
  async run(): Promise<void> {
    const { clock, say } = this.#deps
    await this.#travelTo(clock.nowMs() + warmUpMs, approachSpeed * 2)
    while (!this.#signal.aborted) {
      const roundStartedMs = this.#elapsedMs()
      await this.#round()
      this.#longestRoundMs = Math.max(this.#longestRoundMs, this.#elapsedMs() - roundStartedMs)
      if (!this.#hasRoomForAnother()) break
      await this.#travelTo(clock.nowMs() + betweenRoundsMs - roundMinutes * minuteMs)
      this.#showTableNowAndThen()
    }
    if (this.#signal.aborted) return
    say('\nNo more prompts; the rest of the day passes until the last answer can be scored ...')
    await this.#settleAll()
  }

  async #round(): Promise<void> {
    const { clock, validator, say } = this.#deps
    this.#rounds += 1
    const isFirst = this.#rounds === 1
    const beginMs = clock.nowMs()
    const before = { sent: validator.tally.sent, answered: validator.tally.answered }
    say(`\n${instantText(beginMs)}  the validator sends prompts for ${roundMinutes} minutes`)
    validator.resume()
    while (validator.nextAskAtMs <= beginMs + roundMinutes * minuteMs && !this.#signal.aborted) {
      await this.#travelTo(validator.nextAskAtMs)
      if (this.#signal.aborted) return
      const askedAtMs = clock.nowMs()
      const lines = await validator.ask(this.#signal)
      const isWorthALine = isFirst || lines.some(({ problem }) => problem !== undefined)
      if (isWorthALine && !this.#signal.aborted) say(`  ${timeText(askedAtMs)}  ${lines.map(askedText).join(', ')}`)
    }
    if (this.#signal.aborted) return
    const sent = validator.tally.sent - before.sent
    const answered = validator.tally.answered - before.answered
    await this.#askBadly(`  ${answered} of ${sent} prompts answered as the network requires`)
  }

  async #askBadly(done: string): Promise<void> {
    const { validator, say } = this.#deps
    const before = validator.tally.badTroubles.length
    const sent = await validator.askBadly(this.#signal)
    if (this.#signal.aborted) return
    const wrong = validator.tally.badTroubles.slice(before)
    say(`${done}; ${sent - wrong.length} of ${sent} bad requests refused with the right code`)
    if (this.#rounds === 1) say(`  (${[...validator.tally.badCounts().keys()].join(', ')})`)
    for (const trouble of wrong) say(`  ${trouble}`)
  }

  /** Fast, then slower towards the end, and slow there until the miner has caught up. */
  async #travelTo(atMs: number, speed = leapSpeed): Promise<void> {
    const { clock, validator } = this.#deps
    const landed = new AbortController()
    const isFar = atMs - clock.nowMs() > approachMs
    const settling = isFar ? this.#keepSettling(landed.signal) : Promise.resolve()
    // A failure is handled below, after the leap; until then it must not count as unhandled.
    settling.catch(() => undefined)
    try {
      await clock.leapTo(atMs - approachMs, speed, this.#signal)
      await clock.leapTo(atMs, Math.min(speed, approachSpeed), this.#signal)
    } catch (error) {
      if (!this.#signal.aborted) throw error
    } finally {
      landed.abort()
      await settling
    }
    if (isFar && !this.#signal.aborted) await validator.settle(this.#signal)
    await this.#untilReady()
  }

  async #keepSettling(landed: AbortSignal): Promise<void> {
    while (!landed.aborted && !this.#signal.aborted) {
      await this.#deps.validator.settle(this.#signal)
      await this.#deps.realClock.sleep(settlePauseMs, landed).catch(() => undefined)
    }
  }

  /** Waits a while for a miner that falls behind, and does not wait again for one that never catches up. */
  async #untilReady(): Promise<void> {
    const { realClock, isReady } = this.#deps
    const untilMs = realClock.monotonicMs() + (this.#wasReady ? readyPatienceMs : 0)
    while (!isReady() && realClock.monotonicMs() < untilMs && !this.#signal.aborted) {
      await realClock.sleep(10, this.#signal).catch(() => undefined)
    }
    this.#wasReady = isReady()
  }

  async #settleAll(): Promise<void> {
    const { clock, validator } = this.#deps
    const untilMs = (validator.lastDueAtMs ?? clock.nowMs()) + 20 * minuteMs
    await this.#travelTo((validator.lastDueAtMs ?? clock.nowMs()) + minuteMs)
    while (validator.pending > 0 && clock.nowMs() < untilMs && !this.#signal.aborted) {
      await validator.settle(this.#signal)
      if (validator.pending > 0) await this.#travelTo(clock.nowMs() + minuteMs)
    }
  }

  #hasRoomForAnother(): boolean {
    const { validator } = this.#deps
    const { pending } = validator
    return (
      this.#budgetMs === undefined ||
      hasRoomForRound({
        leftMs: this.#budgetMs - this.#elapsedMs(),
        longestRoundMs: this.#longestRoundMs,
        betweenRoundsMs,
        leapSpeed,
        pending,
      })
    )
  }

  /** Endless demonstrations show their scores once a minute, the first time when there is a day to show. */
  #showTableNowAndThen(): void {
    const { validator, say } = this.#deps
    if (this.#budgetMs !== undefined || this.#signal.aborted) return
    const hasDay = validator.tally.totals().length > 1
    const isDue =
      this.#lastTableAtMs === undefined
        ? hasDay || this.#elapsedMs() >= firstTableMs
        : this.#elapsedMs() - this.#lastTableAtMs >= tableEveryMs
    if (!isDue) return
    this.#lastTableAtMs = this.#elapsedMs()
    say(`\nScores so far, mean over the same prompts (${tableNote}):`)
    for (const line of scoreTable(validator.tally)) say(line)
  }

  #elapsedMs(): number {
    return this.#deps.realClock.monotonicMs() - this.#startedAtMs
  }
}

function timeText(atMs: number): string {
  return new Date(atMs).toISOString().slice(11, 19)
}

function instantText(atMs: number): string {
  const day = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][new Date(atMs).getUTCDay()]
  return `${day} ${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')}`
}

import type { Clock } from '#core/base/time/clock'
import { hourMs, minuteMs } from '#core/base/time/units'
import type { Intake } from '#daemon/compose'
import type { DevValidator } from '../validator/dev-validator.ts'
import { askedText } from '../validator/run-validator.ts'
import { scoreTable, tableNote } from '../validator/score-table.ts'
import { roundsIn } from './demo-pace.ts'
import type { LeapingClock } from './leaping-clock.ts'
import type { MarketTime } from './market-time.ts'

export interface DemoDeps {
  /** The time of market, miner and validator. */
  readonly clock: Pick<LeapingClock, 'nowMs' | 'leapTo' | 'standStillDuring'>
  readonly marketTime: Pick<MarketTime, 'standStillAt'>
  readonly realClock: Clock
  readonly validator: DevValidator
  /** When the market began. */
  readonly startAtMs: number
  /** What the miner has taken in of the market. */
  readonly intake: Intake
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
/**
 * The market stands still so long before each request: the miner reads prices every five seconds, and one of ten
 * seconds is still fresh.
 */
const stillMs = 10_000
const lastSecondsSpeed = 100
/** Real time. The next reading of the prices can be five seconds away. */
const patienceMs = 20_000
const lookEveryMs = 5
const tableEveryMs = 60_000
/** The first table waits until a day of the market is over, within reason. */
const firstTableMs = 90_000
const settlePauseMs = 100

/**
 * Rounds of twelve minutes, every eight hours of market time, in which the validator sends its normal prompts. While a
 * request is in progress, time runs at real speed, so every deadline has its normal meaning. Between requests time
 * leaps.
 *
 * The same seed gives the same scores on any machine: rounds and requests have their times, the market stands still
 * from ten seconds before a request until its answers, and nobody asks before the miner has taken in all that the
 * market shows by then.
 */
export class Demo {
  readonly #deps: DemoDeps
  /** Undefined: until stopped. */
  readonly #roundCount: number | undefined
  readonly #signal: AbortSignal
  readonly #startedAtMs: number
  #rounds = 0
  #lastTableAtMs: number | undefined
  #hadPrices = true
  #hasty = 0

  constructor(deps: DemoDeps, options: { minutes: number | undefined }, signal: AbortSignal) {
    this.#deps = deps
    this.#roundCount = options.minutes === undefined ? undefined : roundsIn(options.minutes)
    this.#signal = signal
    this.#startedAtMs = deps.realClock.monotonicMs()
  }

  /** How often requests were sent before the miner had all prices of the moment, so that another run may differ. */
  get hasty(): number {
    return this.#hasty
  }

  /** Returns when it is finished or was stopped. */
  async run(): Promise<void> {
    const { startAtMs, say } = this.#deps
    await this.#warmUp()
    while (!this.#signal.aborted) {
      await this.#round(startAtMs + warmUpMs + this.#rounds * betweenRoundsMs)
      this.#releaseMarket()
      if (this.#rounds === this.#roundCount) break
      await this.#travelTo(startAtMs + warmUpMs + this.#rounds * betweenRoundsMs - approachMs)
      this.#showTableNowAndThen()
    }
    if (this.#signal.aborted) return
    say('\nNo more prompts; the rest of the day passes until the last answer can be scored ...')
    await this.#settleAll()
  }

  /** Minute by minute: each round fetches some of the days before. */
  async #warmUp(): Promise<void> {
    const { clock, startAtMs } = this.#deps
    for (let atMs = startAtMs + minuteMs; atMs < startAtMs + warmUpMs && !this.#signal.aborted; atMs += minuteMs) {
      await this.#leap(atMs, leapSpeed)
      await clock.standStillDuring(() => this.#record())
    }
  }

  async #round(beginMs: number): Promise<void> {
    const { validator, say } = this.#deps
    this.#rounds += 1
    const isFirst = this.#rounds === 1
    const before = { sent: validator.tally.sent, answered: validator.tally.answered }
    say(`\n${instantText(beginMs)}  the validator sends prompts for ${roundMinutes} minutes`)
    validator.resume(beginMs)
    while (validator.nextAskAtMs <= beginMs + roundMinutes * minuteMs && !this.#signal.aborted) {
      const askAtMs = validator.nextAskAtMs
      await this.#arriveAt(askAtMs)
      if (this.#signal.aborted) return
      const lines = await validator.ask(this.#signal, askAtMs)
      const isWorthALine = isFirst || lines.some(({ problem }) => problem !== undefined)
      if (isWorthALine && !this.#signal.aborted) say(`  ${timeText(askAtMs)}  ${lines.map(askedText).join(', ')}`)
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

  #releaseMarket(): void {
    this.#deps.marketTime.standStillAt(Number.POSITIVE_INFINITY)
  }

  /** Fast, then slower towards the end. */
  async #travelTo(atMs: number): Promise<void> {
    const { clock, validator } = this.#deps
    const landed = new AbortController()
    const isFar = atMs - clock.nowMs() > approachMs
    const settling = isFar ? this.#keepSettling(landed.signal) : Promise.resolve()
    // A failure is handled below, after the leap; until then it must not count as unhandled.
    settling.catch(() => undefined)
    try {
      await this.#leap(atMs - approachMs, leapSpeed)
      await this.#leap(atMs, approachSpeed)
    } finally {
      landed.abort()
      await settling
    }
    if (isFar && !this.#signal.aborted) await validator.settle(this.#signal)
  }

  async #leap(atMs: number, speed: number): Promise<void> {
    try {
      await this.#deps.clock.leapTo(atMs, speed, this.#signal)
    } catch (error) {
      if (!this.#signal.aborted) throw error
    }
  }

  /** With everything taken in that the market shows up to the instant at which it stands still. */
  async #arriveAt(atMs: number): Promise<void> {
    const { clock, intake, marketTime } = this.#deps
    const stillAtMs = atMs - stillMs
    marketTime.standStillAt(stillAtMs)
    await this.#travelTo(stillAtMs)
    await clock.standStillDuring(() => this.#record())
    await this.#leap(atMs, lastSecondsSpeed)
    // An asset that had no price will have none this time either.
    const untilMs = this.#deps.realClock.monotonicMs() + (this.#hadPrices ? patienceMs : 0)
    this.#hadPrices = await this.#until(() => intake.hasPricesSince(stillAtMs), untilMs)
    if (!this.#hadPrices) this.#hasty += 1
  }

  async #record(): Promise<void> {
    while (!this.#signal.aborted && !(await this.#deps.intake.recordNow())) await this.#pause()
  }

  async #keepSettling(landed: AbortSignal): Promise<void> {
    while (!landed.aborted && !this.#signal.aborted) {
      await this.#deps.validator.settle(this.#signal)
      await this.#deps.realClock.sleep(settlePauseMs, landed).catch(() => undefined)
    }
  }

  /** In real time; false: in vain. */
  async #until(isSo: () => boolean, untilMs: number): Promise<boolean> {
    while (!isSo() && this.#deps.realClock.monotonicMs() < untilMs && !this.#signal.aborted) await this.#pause()
    return isSo()
  }

  async #pause(): Promise<void> {
    await this.#deps.realClock.sleep(lookEveryMs, this.#signal).catch(() => undefined)
  }

  async #settleAll(): Promise<void> {
    const { clock, validator } = this.#deps
    const untilMs = (validator.lastDueAtMs ?? clock.nowMs()) + 20 * minuteMs
    await this.#travelTo((validator.lastDueAtMs ?? clock.nowMs()) + minuteMs)
    while (validator.pending > 0 && clock.nowMs() < untilMs && !this.#signal.aborted) {
      await validator.settle(this.#signal)
      if (validator.pending > 0) await this.#travelTo(clock.nowMs() + minuteMs)
    }
    // What is kept of a demonstration is scored from the miner's own minutes.
    if (!this.#signal.aborted) await clock.standStillDuring(() => this.#record())
  }

  /** Endless demonstrations show their scores once a minute, the first time when there is a day to show. */
  #showTableNowAndThen(): void {
    const { validator, say } = this.#deps
    if (this.#roundCount !== undefined || this.#signal.aborted) return
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

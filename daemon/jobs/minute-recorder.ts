import type { PartHealth } from '#core/base/health/health-board'
import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import { dayMs, minuteMs } from '#core/base/time/units'
import { type MinuteSpan, minutesIn } from '#core/market/minutes/coverage'
import { floorToMinute } from '#core/market/minutes/minute-day'
import { type AskAnswered, type AskRefused, keyOf, MinuteFiller } from '#core/market/minutes/minute-filler'
import type { MinuteOrigin, MinuteSeries, MinuteStore } from '#core/market/minutes/minute-store'
import { type PlannedAsk, SeriesPlan } from '#core/market/minutes/series-plan'
import type { MinuteHistory } from '#core/market/venues/minute-history'
import type { PriceSourceLookup } from '#core/market/venues/price-sources'
import type { VenueId } from '#core/market/venues/venue'
import { venueWideFailures } from '#core/market/venues/venue'
import { VenuePause } from './venue-pause.ts'

/** Learns that minutes were stored. Called between ticks of the clock: it must be quick. */
export interface MinuteListener {
  /** Closes or gaps of this series were committed. */
  minutesStored(series: MinuteSeries): void
  /** Every venue has been asked; what should be stored may be stored now, once for all series. */
  roundDone(): void
}

export interface MinuteRecorderDeps {
  readonly store: MinuteStore
  readonly histories: ReadonlyMap<VenueId, MinuteHistory>
  /** The series that an asset is scored from: that one is recorded. It changes by itself when the rules change. */
  readonly sources: PriceSourceLookup
  readonly clock: Clock
  readonly log: Logger
  readonly listener?: MinuteListener
}

export interface MinuteRecorderOptions {
  readonly assets: readonly string[]
  /** How far back holes are filled, as far as the venue has minutes. */
  readonly fillDays: number
}

export interface SeriesStatus extends MinuteSeries {
  /** Everything before is stored, is a known hole, or is no longer available. */
  readonly recordedToMs: number
  readonly openHoles: number
  readonly lastAnsweredAtMs: number | undefined
  readonly lastFailure: string | undefined
}

/**
 * Holes are filled with four pieces per venue and minute: a month of Binance in minutes, and little of any rate limit.
 */
const holeAsksPerTick = 4
const liveWithinMs = 5 * minuteMs
const lateAfterMs = 10 * minuteMs

interface Recorded {
  readonly plan: SeriesPlan
  readonly pause: VenuePause
  lastAnsweredAtMs: number | undefined
  /** By the monotonic clock: how long ago is not to depend on what the wall clock did since. */
  answeredMonotonicMs: number | undefined
  lastFailure: string | undefined
}

/**
 * Writes the one-minute closes of every asset from the venue that scores it. Each tick asks for everything since the
 * last stored minute. So the next answer repairs an outage, of the venue or of ours, as far back as the venue has
 * minutes. Older holes follow a few at a time. All state is in the store: a kill loses no committed minute, and lost
 * work is requested again.
 */
export class MinuteRecorder {
  readonly #deps: MinuteRecorderDeps
  readonly #options: MinuteRecorderOptions
  readonly #filler: MinuteFiller
  readonly #recorded = new Map<string, Recorded>()
  readonly #venuePauses = new Map<VenueId, VenuePause>()
  readonly #startedMonotonicMs: number
  /** What the last tick recorded: after a change of rules the previous series are no longer needed. */
  #current: readonly Recorded[] = []
  readonly #unscored = new Set<string>()
  #isRunning = false

  constructor(deps: MinuteRecorderDeps, options: MinuteRecorderOptions) {
    this.#deps = { ...deps, log: deps.log.child({ component: 'minute-recorder' }) }
    this.#options = options
    this.#filler = new MinuteFiller(deps)
    this.#startedMonotonicMs = deps.clock.monotonicMs()
  }

  /** One round over all assets. A tick during a running one is dropped: the next one covers it. */
  async tick(scheduledAtMs: number, signal?: AbortSignal): Promise<'done' | 'dropped'> {
    if (this.#isRunning) {
      this.#deps.log.debug({ event: 'minutes.tick_dropped', scheduledAtMs }, 'Tick dropped, the last one still runs')
      return 'dropped'
    }
    this.#isRunning = true
    try {
      const byVenue = new Map<VenueId, Recorded[]>()
      this.#current = this.#recordedAt(scheduledAtMs)
      for (const recorded of this.#current) {
        const venue = recorded.plan.series.venue
        byVenue.set(venue, [...(byVenue.get(venue) ?? []), recorded])
      }
      // Venues in parallel, so that a slow one delays only itself; one request after the other at each venue.
      const rounds = [...byVenue].map(([venue, list]) => this.#recordVenue(venue, list, signal))
      const failed = (await Promise.allSettled(rounds)).find((round) => round.status === 'rejected')
      this.#deps.listener?.roundDone()
      if (failed !== undefined) throw failed.reason
      return 'done'
    } finally {
      this.#isRunning = false
    }
  }

  status(): readonly SeriesStatus[] {
    return this.#current.map(({ plan, lastAnsweredAtMs, lastFailure }) => ({
      ...plan.series,
      recordedToMs: plan.cursorMs - minuteMs,
      openHoles: plan.holes.length,
      lastAnsweredAtMs,
      lastFailure,
    }))
  }

  health(): PartHealth {
    const nowMs = this.#deps.clock.monotonicMs()
    if (this.#options.assets.length === 0) return { state: 'notConfigured', sentence: 'No asset is recorded.' }
    const late = this.#current.filter(
      ({ answeredMonotonicMs }) => nowMs - (answeredMonotonicMs ?? this.#startedMonotonicMs) > lateAfterMs,
    )
    if (late.length === 0) {
      const total = this.#current.length
      const silent = this.#current.filter(({ lastAnsweredAtMs }) => lastAnsweredAtMs === undefined)
      if (total > 0 && silent.length === 0) return { state: 'ok', sentence: `Recording ${total} series.` }
      const failure = silent.find(({ lastFailure }) => lastFailure !== undefined)?.lastFailure
      return {
        state: 'degraded',
        sentence:
          total === 0 ? 'No venue has been asked yet.' : `${silent.length} of ${total} series have not answered yet.`,
        hint: failure ?? 'The first answers come within two minutes of a start.',
      }
    }
    const { plan, lastFailure } = late[0]!
    const assets = late.map(({ plan: { series } }) => series.asset).join(', ')
    return {
      state: 'degraded',
      sentence: `No minutes of ${assets} for more than ${lateAfterMs / minuteMs} minutes.`,
      hint: lastFailure ?? `${plan.series.venue} has not been asked yet.`,
    }
  }

  #recordedAt(atMs: number): Recorded[] {
    return this.#options.assets.flatMap((asset) => {
      const source = this.#deps.sources(asset, atMs)
      if (source === undefined) {
        this.#noteUnscored(asset)
        return []
      }
      const series = { asset, venue: source.venue, symbol: source.symbol }
      return [this.#recorded.get(keyOf(series)) ?? this.#begin(series)]
    })
  }

  #noteUnscored(asset: string): void {
    if (this.#unscored.has(asset)) return
    this.#unscored.add(asset)
    this.#deps.log.warn({ event: 'minutes.asset_unscored', asset }, 'No venue scores an asset, so it is not recorded')
  }

  #begin(series: MinuteSeries): Recorded {
    const nowMs = this.#deps.clock.nowMs()
    const toMs = floorToMinute(nowMs) - minuteMs
    const range = { fromMs: toMs - this.#options.fillDays * dayMs, toMs }
    const recorded: Recorded = {
      plan: new SeriesPlan(this.#deps.store, series, range),
      pause: new VenuePause(),
      lastAnsweredAtMs: undefined,
      answeredMonotonicMs: undefined,
      lastFailure: undefined,
    }
    this.#recorded.set(keyOf(series), recorded)
    this.#filler.learnLevel(series, nowMs)
    this.#deps.log.info(
      {
        event: 'minutes.started',
        ...series,
        recordedToMs: recorded.plan.cursorMs - minuteMs,
        holes: recorded.plan.holes.length,
      },
      'Recording minutes',
    )
    return recorded
  }

  async #recordVenue(venue: VenueId, list: readonly Recorded[], signal?: AbortSignal): Promise<void> {
    const pause = this.#venuePauses.get(venue) ?? new VenuePause()
    this.#venuePauses.set(venue, pause)
    if (!pause.isOver(this.#deps.clock.monotonicMs())) return
    for (const recorded of list) {
      const nowMs = this.#deps.clock.nowMs()
      if (!recorded.pause.isOver(this.#deps.clock.monotonicMs())) continue
      const ask = recorded.plan.liveAsk(nowMs)
      if (ask !== undefined && (await this.#ask(recorded, ask, pause, signal)) === 'venueDown') return
    }
    if (await this.#fillHoles(list, pause, signal)) pause.succeed()
  }

  /** Checks again after each answer: it may show that the venue has dropped all older holes too. */
  async #fillHoles(list: readonly Recorded[], pause: VenuePause, signal?: AbortSignal): Promise<boolean> {
    let asksLeft = holeAsksPerTick
    for (const recorded of list) {
      while (asksLeft > 0 && recorded.pause.isOver(this.#deps.clock.monotonicMs())) {
        const nowMs = this.#deps.clock.nowMs()
        const ask = recorded.plan.nextHoleAsk(nowMs, nowMs - this.#options.fillDays * dayMs)
        if (ask === undefined) break
        asksLeft -= 1
        const answer = await this.#ask(recorded, ask, pause, signal)
        if (answer === 'venueDown') return false
        if (answer === 'refused') break
      }
    }
    return true
  }

  async #ask(
    recorded: Recorded,
    ask: PlannedAsk,
    venuePause: VenuePause,
    signal?: AbortSignal,
  ): Promise<'answered' | 'refused' | 'venueDown'> {
    signal?.throwIfAborted()
    const { series } = recorded.plan
    const origin: MinuteOrigin =
      this.#deps.clock.nowMs() - ask.span.fromMs <= liveWithinMs + minuteMs ? 'recorded' : 'backfilled'
    const outcome = await this.#filler.ask(series, ask.span, { witnessToMs: ask.witnessToMs, origin }, signal)
    if (!outcome.ok) return this.#noteRefusal(recorded, outcome, venuePause)
    recorded.pause.succeed()
    if (!outcome.settled.batch.isEmpty) this.#deps.listener?.minutesStored(series)
    this.#noteAnswer(recorded, ask, outcome, origin)
    return 'answered'
  }

  #noteAnswer(recorded: Recorded, ask: PlannedAsk, answer: AskAnswered, origin: MinuteOrigin): void {
    const { plan } = recorded
    const { series } = plan
    const { log, clock } = this.#deps
    recorded.lastAnsweredAtMs = clock.nowMs()
    recorded.answeredMonotonicMs = clock.monotonicMs()
    recorded.lastFailure = undefined
    const forgotten = plan.noteAnswer(ask, {
      nowMs: clock.nowMs(),
      forgottenBeforeMs: answer.settled.forgottenBeforeMs,
    })
    const { added, gapsDeclared, gapsFilled, conflicts, examples } = answer.outcome
    const counts = { ...series, added, gapsDeclared, gapsFilled }
    if (origin === 'recorded') log.debug({ event: 'minutes.recorded', ...counts }, 'Minutes recorded')
    else if (added + gapsDeclared > 0) log.info({ event: 'minutes.filled', ...counts, ...ask.span }, 'Minutes filled')
    if (conflicts > 0) {
      const example = examples[0]
      log.warn(
        { event: 'minutes.conflicted', ...series, conflicts, ...example },
        'A venue changed minutes that are stored',
      )
    }
    for (const span of forgotten) this.#noteForgotten(series, span)
  }

  /**
   * Minutes that are no longer available: a loss if we had begun by then, otherwise only the limit of what the venue
   * keeps.
   */
  #noteForgotten(series: MinuteSeries, span: MinuteSpan): void {
    const { log, store } = this.#deps
    const fields = { ...series, minutes: minutesIn(span), ...span }
    const sinceMs = span.fromMs - this.#options.fillDays * dayMs
    if (store.firstClose(series, sinceMs, span.fromMs) === undefined) {
      log.info({ event: 'minutes.out_of_reach', ...fields }, 'The venue has no older minutes')
    } else {
      log.warn({ event: 'minutes.lost', ...fields }, 'The venue no longer has minutes that were missed')
    }
  }

  #noteRefusal(recorded: Recorded, refused: AskRefused, venuePause: VenuePause): 'refused' | 'venueDown' {
    const { clock, log } = this.#deps
    const { series } = recorded.plan
    const failure = `${series.venue}: ${refused.reason}. ${refused.message}`
    const isNews = recorded.lastFailure === undefined
    recorded.lastFailure = failure
    const fields = { ...series, reason: refused.reason, detail: refused.message }
    if (isNews)
      log.warn({ event: 'minutes.ask_refused', ...fields }, 'A venue gave no minutes; they will be requested again')
    else log.debug({ event: 'minutes.ask_refused', ...fields }, 'A venue gave no minutes again')
    if (venueWide.has(refused.reason)) {
      venuePause.fail(clock.monotonicMs(), refused.retryAfterMs)
      return 'venueDown'
    }
    // A level that must be seen again must be requested again; everything else of the series rests for a while.
    if (!seenAgain.has(refused.reason)) recorded.pause.fail(clock.monotonicMs(), refused.retryAfterMs)
    return 'refused'
  }
}

const venueWide: ReadonlySet<AskRefused['reason']> = new Set([...venueWideFailures, 'noAdapter', 'cancelled'] as const)
const seenAgain: ReadonlySet<AskRefused['reason']> = new Set(['jumped', 'looksLikeAnother'] as const)

import type { Logger } from '#core/base/log/logger'
import type { Rng } from '#core/base/random/rng'
import type { Clock } from '#core/base/time/clock'
import type { PriceGate, PriceReading, RefusalCount } from '../gates/price-gate.ts'
import type { LatestPrice, LatestPriceAnswer, LatestPriceStream, PriceQuote } from '../venues/latest-price.ts'
import { type RetryDelays, retryDelayMs } from '../venues/retry-delay.ts'
import type { PriceRouter } from '../venues/router.ts'
import type { VenueFailure, VenueFailureReason, VenueId, VenueSymbol } from '../venues/venue.ts'

export interface PriceBoardOptions {
  readonly assets: readonly string[]
  readonly pollMs: number
  /** Venues that allow fewer calls. */
  readonly pollMsByVenue?: Partial<Readonly<Record<VenueId, number>>>
  readonly retry: RetryDelays
}

export interface PriceBoardDeps {
  readonly latest: ReadonlyMap<VenueId, LatestPrice>
  readonly streams: readonly LatestPriceStream[]
  readonly router: PriceRouter
  readonly gate: PriceGate
  readonly clock: Clock
  readonly rng: Rng
  readonly log: Logger
  /** Wants to know what time the venues have. */
  readonly witness?: { noteQuote(venue: string, publishedAtMs: number): void } | undefined
}

export interface VenueHealth {
  readonly venue: VenueId
  readonly via: 'poll' | 'stream'
  readonly failuresInRow: number
  readonly lastFailure: VenueFailureReason | undefined
  readonly lastMessage: string | undefined
  readonly lastSuccessAtMs: number | undefined
}

interface VenueState {
  readonly venue: VenueId
  readonly via: 'poll' | 'stream'
  hasFinishedRound: boolean
  failuresInRow: number
  lastFailure: VenueFailure | undefined
  lastSuccessAtMs: number | undefined
}

/**
 * Keeps the newest good price of every asset, so that a request only reads memory. Each venue has one supervised loop:
 * one call for all its symbols, with back-off and jitter while it fails. A fallback venue is asked only about assets
 * that have no fresh price from the venues before it.
 */
export class PriceBoard {
  readonly #deps: PriceBoardDeps
  readonly #options: PriceBoardOptions
  readonly #venues: VenueState[] = []
  readonly #unavailable = new Set<string>()
  readonly #stopped = new AbortController()
  #loops: Promise<void>[] = []

  constructor(deps: PriceBoardDeps, options: PriceBoardOptions) {
    this.#deps = deps
    this.#options = options
  }

  start(): this {
    for (const source of this.#deps.latest.values()) this.#supervise(source.venue, 'poll', () => this.#poll(source))
    for (const stream of this.#deps.streams) this.#supervise(stream.venue, 'stream', () => this.#listen(stream))
    return this
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    await Promise.all(this.#loops)
    this.#loops = []
  }

  /** Never waits and never asks a venue. */
  read(asset: string): PriceReading {
    const nowMs = this.#deps.clock.nowMs()
    return this.#deps.gate.read(asset, this.#deps.router.serving(asset, nowMs), nowMs)
  }

  readAll(): PriceReading[] {
    return this.#options.assets.map((asset) => this.read(asset))
  }

  venues(): VenueHealth[] {
    return this.#venues.map((state) => ({
      venue: state.venue,
      via: state.via,
      failuresInRow: state.failuresInRow,
      lastFailure: state.lastFailure?.reason,
      lastMessage: state.lastFailure?.message,
      lastSuccessAtMs: state.lastSuccessAtMs,
    }))
  }

  refusalCounts(): RefusalCount[] {
    return this.#deps.gate.refusalCounts()
  }

  #supervise(venue: VenueId, via: VenueState['via'], round: () => Promise<VenueFailure | undefined>): void {
    const state: VenueState = {
      venue,
      via,
      hasFinishedRound: false,
      failuresInRow: 0,
      lastFailure: undefined,
      lastSuccessAtMs: undefined,
    }
    this.#venues.push(state)
    this.#loops.push(this.#repeat(state, round))
  }

  /**
   * Runs rounds until stopped. A round that throws is a bug: it is logged as an error, and the other venues continue.
   */
  async #repeat(state: VenueState, round: () => Promise<VenueFailure | undefined>): Promise<void> {
    const { clock, log, rng } = this.#deps
    const signal = this.#stopped.signal
    while (!signal.aborted) {
      let failure: VenueFailure | undefined
      try {
        failure = await round()
      } catch (err) {
        if (signal.aborted) return
        log.error({ event: 'price.poll_crashed', venue: state.venue, err }, 'Reading prices failed unexpectedly')
        failure = { ok: false, reason: 'malformed', message: 'unexpected error' }
      }
      if (signal.aborted) return
      this.#record(state, failure)
      const { pollMs, pollMsByVenue, retry } = this.#options
      const usualMs = state.via === 'stream' ? retry.firstMs : (pollMsByVenue?.[state.venue] ?? pollMs)
      const pauseMs =
        failure === undefined ? usualMs : retryDelayMs(retry, state.failuresInRow, rng, failure.retryAfterMs)
      this.#reportAvailability()
      try {
        await clock.sleep(pauseMs, signal)
      } catch {
        return
      }
    }
  }

  async #poll(source: LatestPrice): Promise<VenueFailure | undefined> {
    const wanted = this.#wantedFrom(source.venue)
    if (wanted.length === 0) return undefined
    const symbols = [...new Set(wanted.map(({ series }) => series.symbol))]
    const answers = await source.fetchLatest(symbols, this.#stopped.signal)
    if (this.#stopped.signal.aborted) return undefined
    for (const { asset, series } of wanted) {
      const answer = answers.get(series.symbol)
      if (answer?.ok === true) this.#offer(asset, series, answer)
    }
    return wholeFailure(answers)
  }

  async #listen(stream: LatestPriceStream): Promise<VenueFailure | undefined> {
    const assetsBySymbol = new Map<string, { asset: string; series: VenueSymbol }[]>()
    const nowMs = this.#deps.clock.nowMs()
    for (const asset of this.#options.assets) {
      for (const series of this.#deps.router.serving(asset, nowMs)) {
        if (series.venue !== stream.venue) continue
        assetsBySymbol.set(series.symbol, [...(assetsBySymbol.get(series.symbol) ?? []), { asset, series }])
      }
    }
    if (assetsBySymbol.size === 0) return undefined
    let hasQuotes = false
    const onQuote = (quote: PriceQuote) => {
      hasQuotes = true
      for (const { asset, series } of assetsBySymbol.get(quote.symbol) ?? []) this.#offer(asset, series, quote)
    }
    const ended = await stream.run([...assetsBySymbol.keys()], onQuote, this.#stopped.signal)
    // Servers close long streams as a matter of course: a stream that delivered is reopened without a penalty.
    return hasQuotes && ended.reason !== 'rateLimited' ? undefined : ended
  }

  #wantedFrom(venue: VenueId): { asset: string; series: VenueSymbol }[] {
    const { clock, gate, router } = this.#deps
    const nowMs = clock.nowMs()
    return this.#options.assets.flatMap((asset) => {
      const serving = router.serving(asset, nowMs)
      return serving.flatMap((series, rank) => {
        if (series.venue !== venue) return []
        const better = gate.read(asset, serving.slice(0, rank), nowMs)
        return better.ok && better.quality === 'live' ? [] : [{ asset, series }]
      })
    })
  }

  #offer(asset: string, series: VenueSymbol, quote: PriceQuote): void {
    this.#deps.witness?.noteQuote(quote.venue, quote.publishedAtMs)
    const verdict = this.#deps.gate.offer(asset, series, quote, this.#deps.clock.nowMs())
    if (verdict.accepted) return
    const { venue, symbol, publishedAtMs } = quote
    const ageMs = this.#deps.clock.nowMs() - publishedAtMs
    this.#deps.log.debug(
      { event: 'price.refused', asset, venue, symbol, reason: verdict.reason, ageMs },
      'A price was refused',
    )
  }

  #record(state: VenueState, failure: VenueFailure | undefined): void {
    const { venue, via } = state
    state.hasFinishedRound = true
    if (failure === undefined) {
      if (state.failuresInRow > 0) {
        const failures = state.failuresInRow
        this.#deps.log.info({ event: 'venue.recovered', venue, via, failures }, 'A venue answers again')
      }
      state.failuresInRow = 0
      state.lastFailure = undefined
      state.lastSuccessAtMs = this.#deps.clock.nowMs()
      return
    }
    state.failuresInRow += 1
    state.lastFailure = failure
    const { reason, message: detail } = failure
    const fields = { event: 'venue.failed', venue, via, reason, failuresInRow: state.failuresInRow, detail }
    if (state.failuresInRow === 1) this.#deps.log.warn(fields, 'A venue does not answer')
    else this.#deps.log.debug(fields, 'A venue still does not answer')
  }

  /** One line when an asset loses its price and one when it has it again, however often it is read. */
  #reportAvailability(): void {
    // Right after the start nothing is known yet; that is not an outage.
    if (this.#venues.some(({ via, hasFinishedRound }) => via === 'poll' && !hasFinishedRound)) return
    for (const reading of this.readAll()) {
      const { asset } = reading
      if (reading.ok && this.#unavailable.delete(asset)) {
        this.#deps.log.info({ event: 'price.recovered', asset, venue: reading.venue }, 'An asset has a price again')
      } else if (!reading.ok && !this.#unavailable.has(asset)) {
        this.#unavailable.add(asset)
        const { lastRefusal, lastPublishedAtMs } = reading
        this.#deps.log.warn(
          { event: 'price.unavailable', asset, lastRefusal, lastPublishedAtMs },
          'No venue gives a usable price of an asset',
        )
      }
    }
  }
}

/** The whole venue failed when no symbol got a price; a problem with one symbol does not slow down the others. */
function wholeFailure(answers: ReadonlyMap<string, LatestPriceAnswer>): VenueFailure | undefined {
  let first: VenueFailure | undefined
  for (const answer of answers.values()) {
    if (answer.ok) return undefined
    if (first === undefined || (answer.retryAfterMs ?? 0) > (first.retryAfterMs ?? 0)) first = answer
  }
  return first
}

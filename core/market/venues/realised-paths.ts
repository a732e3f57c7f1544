import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import { minuteMs } from '#core/base/time/units'
import { gridPrices, type PriceWindow } from '#core/synth/scoring/price-grid'
import type { MinuteClose, MinuteHistory } from './minute-history.ts'
import type { ScoredSource, ScoredSourceLookup } from './price-sources.ts'
import type { PromptKind, RealisedPathArchive } from './synth-api.ts'
import type { VenueFailureReason, VenueId, VenueSymbol } from './venue.ts'

export interface PromptWindow extends PromptKind {
  readonly startAtMs: number
}

/** A path belongs to the series that it was scored from: the same prompt is never read again from another feed. */
export interface RealisedPathKey extends PromptWindow {
  readonly series: VenueSymbol
}

/** `archive`: the array that the validator published; `venue` and `recorded`: built here as the validator builds it. */
export type RealisedPathOrigin = 'recorded' | 'venue' | 'archive'

export interface StoredRealisedPath extends RealisedPathKey {
  /** NaN where the validator has no price. */
  readonly prices: Float64Array
  readonly origin: RealisedPathOrigin
}

export interface RealisedPathStore {
  find(key: RealisedPathKey): StoredRealisedPath | undefined
  /** The first one saved stays. */
  save(path: StoredRealisedPath): void
}

/** The recorder's minutes: for each a close, NaN (the venue has no candle) or 0 (not known). */
export interface RecordedMinutes {
  readSlots(series: VenueSymbol & { readonly asset: string }, fromMs: number, toMs: number): Float64Array
}

export type RealisedPathFailure =
  | VenueFailureReason
  /** The rules of that time do not score the asset. */
  | 'notScored'
  /** The prompt's end plus the gate is not over yet. */
  | 'notDue'
  /** No candle after the end proves that the last one is complete. */
  | 'notSettled'
  /** The validator scores no miner on a path without its last price. */
  | 'lastMissing'
  /** The venue no longer has those minutes, and they are not recorded. */
  | 'forgotten'
  /** The path has rows with impossible prices: what the validator made of them is not known. */
  | 'refusedRows'

export type RealisedPathAnswer =
  | (StoredRealisedPath & { readonly ok: true; readonly holes: number })
  | { readonly ok: false; readonly reason: RealisedPathFailure; readonly message: string }

export interface RealisedPathsDeps {
  readonly sources: ScoredSourceLookup
  readonly histories: ReadonlyMap<VenueId, MinuteHistory>
  readonly archive: RealisedPathArchive
  readonly store: RealisedPathStore
  readonly recorded?: RecordedMinutes
  readonly clock: Clock
  readonly log: Logger
}

const usualGateMs = 90_000
const witnessMs = minuteMs

/**
 * Realised paths exactly as the validator builds them: the venue of the rules at the scoring, the close of the candle
 * that opens in exactly that second or NaN, a later candle as witness, the last price required. Sources in order: the
 * stored path, the recorder's own minutes, the venue, and for what the venue lacks the array that the validator
 * published. No other venue is ever asked.
 */
export class RealisedPaths {
  readonly #deps: RealisedPathsDeps

  constructor(deps: RealisedPathsDeps) {
    this.#deps = deps
  }

  async read(prompt: PromptWindow, signal?: AbortSignal): Promise<RealisedPathAnswer> {
    const { clock, store } = this.#deps
    const endAtMs = prompt.startAtMs + prompt.timeLengthSeconds * 1000
    const source = this.#sourceOf(prompt, endAtMs)
    if (source === undefined) return failed('notScored', `${prompt.asset} is not scored by the rules of that time`)
    const { asset, startAtMs, timeLengthSeconds, stepSeconds } = prompt
    const key: RealisedPathKey = { asset, startAtMs, timeLengthSeconds, stepSeconds, series: source.series }
    const known = store.find(key)
    if (known !== undefined) return found(known)
    if (clock.nowMs() <= endAtMs + source.settlement.gateSeconds * 1000) {
      return failed('notDue', `the path ends at ${new Date(endAtMs).toISOString()} and is final a little later`)
    }
    const built = await this.#build(key, source, endAtMs, signal)
    if (built.ok && built.holes === 0) return this.#keep(built)
    if (signal?.aborted === true) return failed('cancelled', 'cancelled')
    const published = await this.#readArchive(key, signal)
    if (published !== undefined) return this.#keep(published)
    return built.ok ? this.#keep(built) : built
  }

  #sourceOf(prompt: PromptWindow, endAtMs: number): ScoredSource | undefined {
    const { sources } = this.#deps
    const atEnd = sources(prompt.asset, endAtMs, prompt.startAtMs)
    const gateMs = atEnd === undefined ? usualGateMs : atEnd.settlement.gateSeconds * 1000
    return sources(prompt.asset, endAtMs + gateMs, prompt.startAtMs)
  }

  async #build(
    key: RealisedPathKey,
    source: ScoredSource,
    endAtMs: number,
    signal: AbortSignal | undefined,
  ): Promise<RealisedPathAnswer> {
    const recorded = this.#readRecorded(key, endAtMs)
    if (recorded.isWhole) return gridOf(key, source, recorded.minutes, 'recorded')
    const { venue, symbol } = key.series
    const history = this.#deps.histories.get(venue)
    if (history === undefined) return failed('unreachable', `no history adapter for ${venue}`)
    const range = { symbol, fromMs: key.startAtMs, toMs: endAtMs + witnessMs }
    const answer = await history.fetchMinutes(range, signal)
    if (!answer.ok) return failed(answer.reason, answer.message)
    if (answer.refusedRows > 0) {
      return failed('refusedRows', `${venue} gave ${answer.refusedRows} rows of ${symbol} without a valid price`)
    }
    // The validator reads what the venue has; for older minutes the recorder's are used.
    const before = recorded.minutes.filter(({ openAtMs }) => openAtMs < answer.coveredFromMs)
    const forgottenMs = recorded.unknownMs.filter((openAtMs) => openAtMs < answer.coveredFromMs)
    if (forgottenMs.length > 0) {
      return failed('forgotten', `${venue} no longer has ${forgottenMs.length} of the minutes of ${symbol}`)
    }
    return gridOf(key, source, [...before, ...answer.minutes], 'venue')
  }

  /** Complete: every minute of the grid is known, as a close or as missing, and there is a later close as witness. */
  #readRecorded(
    key: RealisedPathKey,
    endAtMs: number,
  ): { minutes: MinuteClose[]; unknownMs: number[]; isWhole: boolean } {
    const gridMs = gridTimes(key)
    const isOnMinutes = key.startAtMs % minuteMs === 0
    if (this.#deps.recorded === undefined || !isOnMinutes) return { minutes: [], unknownMs: gridMs, isWhole: false }
    const { asset, series, startAtMs } = key
    const slots = this.#deps.recorded.readSlots({ asset, ...series }, startAtMs, endAtMs + witnessMs)
    const minutes: MinuteClose[] = []
    for (const [i, close] of slots.entries()) if (close > 0) minutes.push({ openAtMs: startAtMs + i * minuteMs, close })
    const unknownMs = gridMs.filter((openAtMs) => slots[(openAtMs - startAtMs) / minuteMs] === 0)
    const hasWitness = minutes.some(({ openAtMs }) => openAtMs > endAtMs)
    return { minutes, unknownMs, isWhole: unknownMs.length === 0 && hasWitness }
  }

  async #readArchive(
    key: RealisedPathKey,
    signal: AbortSignal | undefined,
  ): Promise<(StoredRealisedPath & { ok: true; holes: number }) | undefined> {
    const answer = await this.#deps.archive.fetchRealisedPath(key, signal)
    const { asset, startAtMs, timeLengthSeconds } = key
    if (!answer.ok) {
      const { reason } = answer
      this.#deps.log.debug(
        { event: 'realised_path.not_published', asset, startAtMs, timeLengthSeconds, reason },
        'The published path is not available',
      )
      return undefined
    }
    return { ...key, ok: true, prices: answer.prices, origin: 'archive', holes: countHoles(answer.prices) }
  }

  #keep(path: StoredRealisedPath & { ok: true; holes: number }): RealisedPathAnswer {
    this.#deps.store.save(path)
    return path
  }
}

function gridOf(
  key: RealisedPathKey,
  { settlement }: ScoredSource,
  minutes: readonly MinuteClose[],
  origin: RealisedPathOrigin,
): RealisedPathAnswer {
  const endAtMs = key.startAtMs + key.timeLengthSeconds * 1000
  const kept = minutes.filter(({ openAtMs }) => openAtMs <= endAtMs)
  const hasWitness = settlement.witnessSeconds === null || kept.length < minutes.length
  const candles = {
    openSeconds: kept.map(({ openAtMs }) => Math.floor(openAtMs / 1000)),
    closes: kept.map(({ close }) => close),
  }
  const window = windowOf(key)
  if (!hasWitness) {
    return failed('notSettled', `${key.series.venue} has no candle of ${key.series.symbol} after the end yet`)
  }
  const grid = gridPrices(window, candles)
  const prices = settlement.grid === 'packed' ? packed(grid) : grid
  if (prices.every(Number.isNaN)) {
    return failed('lastMissing', `${key.series.venue} has no candle of ${key.series.symbol} on the grid`)
  }
  if (settlement.lastPrice === 'required' && Number.isNaN(prices.at(-1))) {
    return failed('lastMissing', `${key.series.venue} has no candle of ${key.series.symbol} at the end`)
  }
  return { ...key, ok: true, prices, origin, holes: countHoles(prices) }
}

/** Until November 2025 the values after a missing candle moved forward; the end of the path was NaN. */
function packed(grid: Float64Array): Float64Array {
  const prices = new Float64Array(grid.length).fill(Number.NaN)
  prices.set(grid.filter((price) => !Number.isNaN(price)))
  return prices
}

function windowOf({ startAtMs, timeLengthSeconds, stepSeconds }: PromptWindow): PriceWindow {
  return { startAtSeconds: Math.floor(startAtMs / 1000), timeLengthSeconds, stepSeconds }
}

function gridTimes({ startAtMs, timeLengthSeconds, stepSeconds }: PromptWindow): number[] {
  const points = Math.floor(timeLengthSeconds / stepSeconds) + 1
  return Array.from({ length: points }, (_, i) => startAtMs + i * stepSeconds * 1000)
}

function found(path: StoredRealisedPath): RealisedPathAnswer {
  return { ...path, ok: true, holes: countHoles(path.prices) }
}

function countHoles(prices: Float64Array): number {
  return prices.reduce((holes, price) => (Number.isNaN(price) ? holes + 1 : holes), 0)
}

function failed(reason: RealisedPathFailure, message: string): RealisedPathAnswer & { ok: false } {
  return { ok: false, reason, message }
}

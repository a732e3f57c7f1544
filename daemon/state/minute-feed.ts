import type { Clock } from '#core/base/time/clock'
import { dayMs, minuteMs } from '#core/base/time/units'
import type { AssetState } from '#core/forecast/models/states/asset-state'
import { stateReachMs } from '#core/forecast/models/states/empty-state'
import { floorToMinute } from '#core/market/minutes/minute-day'
import type { MinuteReader, MinuteSeries } from '#core/market/minutes/minute-store'

/** One reading: well under a millisecond. */
const pieceMs = dayMs
/** Other work gets its turn after this long. */
const sliceMs = 5

export interface MinuteFeedDeps {
  readonly minutes: MinuteReader
  readonly clock: Clock
}

/** Minutes keep coming late: after this many rounds the next tick finds out by the count, and goes on. */
const replayRounds = 5

export interface Replay {
  readonly state: AssetState
  /** Closes that the series held when the state had seen them all. */
  readonly closesStored: number
}

interface Piece {
  /** How many were new to the state. */
  readonly closes: number
  /** Where the next piece begins; undefined when the state has seen everything that is stored. */
  readonly nextMs: number | undefined
}

/** Stored minutes, into a state, in the order of time. */
export class MinuteFeed {
  readonly #minutes: MinuteReader
  readonly #clock: Clock

  constructor({ minutes, clock }: MinuteFeedDeps) {
    this.#minutes = minutes
    this.#clock = clock
  }

  /** What follows on what the state has seen, up to a piece. */
  takePiece(state: AssetState, series: MinuteSeries, fromMs = this.#startMs(state, series)): Piece {
    const lastMs = fromMs === undefined ? undefined : this.#lastOpenMs(series, fromMs)
    if (fromMs === undefined || lastMs === undefined) return { closes: 0, nextMs: undefined }
    const toMs = Math.min(lastMs, fromMs + pieceMs - minuteMs)
    const closes = state.take(fromMs, this.#minutes.readSlots(series, fromMs, toMs))
    if (toMs === lastMs) return { closes, nextMs: undefined }
    // Over a hole in one leap: it may be months long.
    const next = this.#minutes.firstClose(series, toMs + minuteMs, lastMs)
    return { closes, nextMs: next?.openAtMs }
  }

  /** Everything that is stored, in slices; ends early when stopped. Returns how many closes were new. */
  async takeAll(state: AssetState, series: MinuteSeries, signal: AbortSignal): Promise<number> {
    let sliceFromMs = this.#clock.monotonicMs()
    let piece = this.takePiece(state, series)
    let closes = piece.closes
    while (piece.nextMs !== undefined && !signal.aborted) {
      if (this.#clock.monotonicMs() - sliceFromMs >= sliceMs) {
        await this.#clock.sleep(0, signal).catch(() => undefined)
        sliceFromMs = this.#clock.monotonicMs()
      }
      piece = this.takePiece(state, series, piece.nextMs)
      closes += piece.closes
    }
    return closes
  }

  /**
   * A state made of everything that is stored. Minutes that are written meanwhile behind the place where it reads begin it
   * again. Ends in the turn in which it has seen the last minute; undefined when stopped.
   */
  async replay(empty: () => AssetState, series: MinuteSeries, signal: AbortSignal): Promise<Replay | undefined> {
    for (let round = 1; ; round += 1) {
      const state = empty()
      const storedBefore = this.countStored(series)
      const edgeMs = this.#lastOpenMs(series) ?? Number.NEGATIVE_INFINITY
      await this.takeAll(state, series, signal)
      if (signal.aborted) return undefined
      // Between its last reading and here others had a turn.
      const isBehind = this.takePiece(state, series).nextMs !== undefined
      const closesStored = storedBefore + this.#countAfter(state, series, edgeMs)
      const isWhole = !isBehind && closesStored === this.countStored(series)
      if (isWhole || round === replayRounds) return { state, closesStored }
    }
  }

  /** How many closes of the series were ever stored, wherever they lie: a change behind our back shows in it. */
  countStored(series: MinuteSeries): number {
    let count = 0
    for (const range of this.#minutes.listRanges(series)) {
      // A conflict of an import may have replaced a close; one of the venue's never does.
      count += range.closes + (range.origin === 'imported' ? range.conflicts : 0)
    }
    return count
  }

  #countAfter(state: AssetState, series: MinuteSeries, edgeMs: number): number {
    if (!Number.isFinite(edgeMs)) return state.ewma.closesTaken
    const slots = this.#minutes.readSlots(series, edgeMs + minuteMs, state.seenToMs)
    return slots.reduce((count, slot) => (slot > 0 ? count + 1 : count), 0)
  }

  #lastOpenMs(series: MinuteSeries, fromMs = this.#oldestMs()): number | undefined {
    return this.#minutes.lastClose(series, fromMs, this.#newestMs())?.openAtMs
  }

  #startMs(state: AssetState, series: MinuteSeries): number | undefined {
    const next = state.nextOpenMs
    if (Number.isFinite(next)) return next
    return this.#minutes.firstClose(series, this.#oldestMs(), this.#newestMs())?.openAtMs
  }

  #oldestMs(): number {
    return Math.floor((this.#clock.nowMs() - stateReachMs) / dayMs) * dayMs
  }

  /** The minute that runs now is not stored yet; one from the future would be a mistake. */
  #newestMs(): number {
    return floorToMinute(this.#clock.nowMs()) - minuteMs
  }
}

import type { Clock } from '#core/base/time/clock'
import { dayMs, minuteMs } from '#core/base/time/units'
import type { AssetState } from '#core/forecast/models/states/asset-state'
import { stateReachMs } from '#core/forecast/models/states/empty-state'
import { floorToMinute } from '#core/market/minutes/minute-day'
import type { MinuteReader, MinuteSeries } from '#core/market/minutes/minute-store'

/** One reading: well under a millisecond. */
const pieceMs = dayMs
/** Other work gets a turn after this long. */
const sliceMs = 5

export interface MinuteFeedDeps {
  readonly minutes: MinuteReader
  readonly clock: Clock
}

/** Minutes keep arriving late: after this many rounds the next tick notices it by the count and continues. */
const replayRounds = 5

export interface Replay {
  readonly state: AssetState
  /** Closes of the series when the state had read all of them. */
  readonly closesStored: number
}

interface Piece {
  /** How many were new to the state. */
  readonly closes: number
  /** Where the next piece begins; undefined when the state has read everything that is stored. */
  readonly nextMs: number | undefined
}

/** Feeds stored minutes into a state, in order of time. */
export class MinuteFeed {
  readonly #minutes: MinuteReader
  readonly #clock: Clock

  constructor({ minutes, clock }: MinuteFeedDeps) {
    this.#minutes = minutes
    this.#clock = clock
  }

  /** The minutes after those that the state has read, up to one piece. */
  takePiece(state: AssetState, series: MinuteSeries, fromMs = this.#startMs(state, series)): Piece {
    const lastMs = fromMs === undefined ? undefined : this.#lastOpenMs(series, fromMs)
    if (fromMs === undefined || lastMs === undefined) return { closes: 0, nextMs: undefined }
    const toMs = Math.min(lastMs, fromMs + pieceMs - minuteMs)
    const closes = state.take(fromMs, this.#minutes.readSlots(series, fromMs, toMs))
    if (toMs === lastMs) return { closes, nextMs: undefined }
    // A hole is skipped in one step: it may be months long.
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
   * A state made from everything that is stored. If minutes are written behind its position meanwhile, it starts again.
   * It ends in the turn in which it has read the last minute; undefined when stopped.
   */
  async replay(empty: () => AssetState, series: MinuteSeries, signal: AbortSignal): Promise<Replay | undefined> {
    for (let round = 1; ; round += 1) {
      const state = empty()
      const storedBefore = this.countStored(series)
      const edgeMs = this.#lastOpenMs(series) ?? Number.NEGATIVE_INFINITY
      await this.takeAll(state, series, signal)
      if (signal.aborted) return undefined
      // Other work had a turn between its last reading and here.
      const isBehind = this.takePiece(state, series).nextMs !== undefined
      const closesStored = storedBefore + this.#countAfter(state, series, edgeMs)
      const isWhole = !isBehind && closesStored === this.countStored(series)
      if (isWhole || round === replayRounds) return { state, closesStored }
    }
  }

  /** How many closes of the series were ever stored, wherever they are: it shows changes made by others. */
  countStored(series: MinuteSeries): number {
    let count = 0
    for (const range of this.#minutes.listRanges(series)) {
      // A conflict of an import may have replaced a close; a conflict of the venue never does.
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

  /** The running minute is not stored yet; one from the future would be a mistake. */
  #newestMs(): number {
    return floorToMinute(this.#clock.nowMs()) - minuteMs
  }
}

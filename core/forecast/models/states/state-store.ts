import type { MinuteSeries } from '#core/market/minutes/minute-store'
import type { Horizon } from '#core/synth/prompts/horizon'

/** What is kept of an asset: the EWMA state, and the calibrated memory of each horizon. */
export type StatePart = 'ewma' | Horizon

/** One stored part: `text` is the result of `encodeState`, the rest says from which minutes it was made. */
export interface StoredState {
  readonly series: MinuteSeries
  readonly part: StatePart
  readonly text: string
  /** Open of the last minute whose close is included. */
  readonly seenToMs: number
  /** Closes since the state's first minute. */
  readonly closesTaken: number
  /** How many closes of the series were stored then: more before `seenToMs` now means that some came late. */
  readonly closesStored: number
}

export type StoredStateReading =
  | ({ readonly isIntact: true } & StoredState)
  /** It is not what was written: its numbers cannot be trusted even if they can be read. */
  | { readonly isIntact: false; readonly asset: string; readonly part: StatePart }

export interface VolatilityStateStore {
  readAll(): readonly StoredStateReading[]
  /** All or nothing; on disk when it returns or when its promise resolves. */
  save(states: readonly StoredState[]): void | Promise<void>
}

import type { MinuteSeries } from '#core/market/minutes/minute-store'
import type { Horizon } from '#core/synth/prompts/horizon'

/** What is kept of an asset: the EWMA state, and the calibrated memory of each horizon. */
export type StatePart = 'ewma' | Horizon

/** One part as it is stored: `text` is what `encodeState` made, the rest says from which minutes. */
export interface StoredState {
  readonly series: MinuteSeries
  readonly part: StatePart
  readonly text: string
  /** Open of the last minute with a close that was taken into account. */
  readonly seenToMs: number
  /** Closes since the state's first minute. */
  readonly closesTaken: number
  /** How many closes of the series were stored at that time: more before `seenToMs` now means that some came late. */
  readonly closesStored: number
}

export type StoredStateReading =
  | ({ readonly isIntact: true } & StoredState)
  /** Not what was written: its numbers cannot be believed even where they can be read. */
  | { readonly isIntact: false; readonly asset: string; readonly part: StatePart }

export interface VolatilityStateStore {
  readAll(): readonly StoredStateReading[]
  /** All or nothing, on the disk when it returns. */
  save(states: readonly StoredState[]): void
}

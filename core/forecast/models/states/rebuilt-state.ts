import { dayMs, minuteMs } from '#core/base/time/units'
import type { CalibratedState } from '../calibrated-memory.ts'
import type { EwmaState } from '../ewma-state.ts'
import type { AssetState } from './asset-state.ts'
import type { RebuiltAsset } from './compare-states.ts'
import { type EmptyStateRules, emptyState, stateReachMs } from './empty-state.ts'
import type { StatePart } from './state-store.ts'

/** A state made again of the stored minutes, as a start of the miner would make it. */
export class RebuiltState implements RebuiltAsset {
  readonly #asset: string
  readonly #rules: EmptyStateRules
  readonly #newestMs: number
  readonly #fromMs: number
  readonly #slots: Float64Array
  readonly #made = new Map<number, AssetState>()

  /** `readSlots`: minutes from and to these openings, both included; NaN or 0 where there is no close. */
  constructor(
    asset: string,
    rules: EmptyStateRules,
    newestMs: number,
    readSlots: (fromMs: number, toMs: number) => Float64Array,
  ) {
    this.#asset = asset
    this.#rules = rules
    this.#newestMs = newestMs
    this.#fromMs = Math.floor((newestMs - stateReachMs) / dayMs) * dayMs
    this.#slots = readSlots(this.#fromMs, newestMs)
  }

  at(seenToMs: number): ReadonlyMap<StatePart, EwmaState | CalibratedState> {
    // The parts of an asset are stored together, nearly always as of the same minute.
    let state = this.#made.get(seenToMs)
    if (state === undefined) {
      state = emptyState(this.#asset, this.#rules)
      state.take(this.#fromMs, this.#slots.subarray(0, Math.max(0, (seenToMs - this.#fromMs) / minuteMs + 1)))
      this.#made.set(seenToMs, state)
    }
    const parts = new Map<StatePart, EwmaState | CalibratedState>()
    if (state.ewma.state !== undefined) parts.set('ewma', state.ewma.state)
    for (const [horizon, { memory }] of state.memories) {
      const snapshot = memory.snapshot()
      if (snapshot !== undefined) parts.set(horizon, snapshot)
    }
    return parts
  }

  newest(): ReadonlyMap<StatePart, EwmaState | CalibratedState> {
    return this.at(this.#newestMs)
  }
}

import { minuteMs } from '#core/base/time/units'
import type { Horizon } from '#core/synth/prompts/horizon'
import type { EwmaTrack } from './ewma-track.ts'
import type { MemoryTrack } from './memory-track.ts'

/** Everything that is remembered of one asset's volatility, at one point of its minute series. */
export class AssetState {
  readonly ewma: EwmaTrack
  readonly memories: ReadonlyMap<Horizon, MemoryTrack>
  /** Open of the last minute with a close that was read; -Infinity before the first. */
  #seenToMs: number

  constructor(
    ewma: EwmaTrack,
    memories: Iterable<readonly [Horizon, MemoryTrack]>,
    seenToMs = Number.NEGATIVE_INFINITY,
  ) {
    this.ewma = ewma
    this.memories = new Map(memories)
    this.#seenToMs = seenToMs
  }

  get seenToMs(): number {
    return this.#seenToMs
  }

  /** The minute from which to continue reading after what was stored; parts that have read nothing do not count. */
  get nextOpenMs(): number {
    const tracks = [this.ewma, ...this.memories.values()]
    return Math.min(this.#seenToMs + minuteMs, ...tracks.map(({ nextOpenMs }) => nextOpenMs).filter(Number.isFinite))
  }

  /** Uses defaults, completely or in part. */
  get isDegraded(): boolean {
    const isDefault = this.ewma.state?.isDegraded ?? true
    return isDefault || [...this.memories.values()].some(({ memory }) => memory.isDegraded)
  }

  /**
   * Minutes from `fromMs` on, one slot each; NaN or 0 means no close. Each part skips what it already knows. Returns
   * how many closes were new.
   */
  take(fromMs: number, slots: Float64Array): number {
    const memories = [...this.memories.values()]
    let fresh = 0
    for (let i = 0; i < slots.length; i += 1) {
      const openAtMs = fromMs + i * minuteMs
      const close = slots[i]!
      this.ewma.take(openAtMs, close)
      for (const track of memories) track.take(openAtMs, close)
      if (close > 0 && openAtMs > this.#seenToMs) {
        this.#seenToMs = openAtMs
        fresh += 1
      }
    }
    return fresh
  }
}

import type { Logger } from '#core/base/log/logger'

export type ClockSkew =
  | { readonly state: 'unknown' }
  /** Positive: our clock is ahead of the chain's. */
  | { readonly state: 'ok' | 'behind' | 'ahead'; readonly offsetMs: number }

export interface ClockLimits {
  readonly toleranceMs: number
  /** The usual delay until a block reaches us, counted from the beginning of its slot. */
  readonly usualBlockDelayMs: number
}

const blocksToKeep = 10
const blocksToSayAhead = 3

/**
 * How far our clock is from the chain's. A block carries the time at which its slot began; we see it a little later. So
 * the smallest recent delay is our offset plus the shortest delay of a block. One block is enough to know that we are
 * behind, because no block arrives before it is made. To know that we are ahead we need several.
 */
export class ClockWatch {
  readonly #log: Logger
  readonly #limits: ClockLimits
  readonly #delaysMs: number[] = []
  #reported: ClockSkew['state'] = 'unknown'

  constructor(deps: { log: Logger }, limits: ClockLimits) {
    this.#log = deps.log
    this.#limits = limits
  }

  /** A new head arrived: our time, and the time that its author wrote into it. */
  observe(arrivedAtMs: number, blockTimestampMs: number): void {
    this.#delaysMs.push(arrivedAtMs - blockTimestampMs)
    if (this.#delaysMs.length > blocksToKeep) this.#delaysMs.shift()
    this.#report(this.judge())
  }

  /** Forgets the measurements, because another node has another delay. */
  reset(): void {
    this.#delaysMs.length = 0
  }

  judge(): ClockSkew {
    const { toleranceMs, usualBlockDelayMs } = this.#limits
    if (this.#delaysMs.length === 0) return { state: 'unknown' }
    const smallestMs = Math.min(...this.#delaysMs)
    if (smallestMs < -toleranceMs) return { state: 'behind', offsetMs: smallestMs }
    const aheadMs = smallestMs - usualBlockDelayMs
    if (this.#delaysMs.length >= blocksToSayAhead && aheadMs > toleranceMs) return { state: 'ahead', offsetMs: aheadMs }
    return { state: 'ok', offsetMs: Math.min(0, smallestMs) }
  }

  #report(skew: ClockSkew): void {
    if (skew.state === this.#reported || skew.state === 'unknown') return
    const wasOff = this.#reported === 'ahead' || this.#reported === 'behind'
    this.#reported = skew.state
    const { offsetMs, state } = skew
    if (state !== 'ok') {
      this.#log.error({ event: 'clock.skewed', direction: state, offsetMs }, 'The clock of this computer is off')
    } else if (wasOff) {
      this.#log.info({ event: 'clock.recovered', offsetMs }, 'The clock of this computer agrees with the chain again')
    }
  }
}

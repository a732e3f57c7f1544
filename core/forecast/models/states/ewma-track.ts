import { minuteMs } from '#core/base/time/units'
import { seedDefaults } from '../../parameters/seed-defaults.ts'
import { varianceFloor } from '../../parameters/variance-floor.ts'
import { advanceEwma, bootstrapEwma, type ClosePoint, type EwmaState, withLambda } from '../ewma-state.ts'

/** Regular session of New York in minutes, twice: how much of a share a cold start reads. */
const twoSessions = 2 * 390

/** How many closes make the first variance; after that the exponential rule continues from it. */
export function bootstrapCloses(asset: string): number {
  const { isEquity, bootstrapMinutes } = seedDefaults(asset)
  return isEquity ? twoSessions : bootstrapMinutes
}

/**
 * The EWMA state of one asset, fed with minute closes in order of time. Its content follows from the closes since its
 * first one and from lambda only, so a replay of the stored minutes gives the same bits as an uninterrupted run.
 */
export class EwmaTrack {
  readonly #asset: string
  readonly #bootstrapCloses: number
  readonly #floor: number
  #lambda: number
  #state: EwmaState | undefined
  /** The closes of the bootstrap; undefined when it is over. */
  #first: ClosePoint[] | undefined
  #taken: number

  constructor(asset: string, lambda: number, restored?: { state: EwmaState; closesTaken: number }) {
    this.#asset = asset
    this.#bootstrapCloses = bootstrapCloses(asset)
    this.#floor = varianceFloor(asset)
    this.#lambda = lambda
    this.#taken = restored?.closesTaken ?? 0
    if (restored === undefined) this.#first = []
    else this.#state = withLambda(restored.state, lambda)
  }

  get closesTaken(): number {
    return this.#taken
  }

  /** Minutes that open before this are already included. */
  get nextOpenMs(): number {
    return this.#first?.at(-1)?.atMs ?? this.#state?.lastCloseAtMs ?? Number.NEGATIVE_INFINITY
  }

  /** Undefined before the first close. */
  get state(): EwmaState | undefined {
    if (this.#state === undefined && this.#first !== undefined) {
      const { startVariance } = seedDefaults(this.#asset)
      const start = {
        asset: this.#asset,
        lambda: this.#lambda,
        defaultVariance: startVariance,
        floor: this.#floor,
      }
      this.#state = bootstrapEwma(start, this.#first)
    }
    return this.#state
  }

  setLambda(lambda: number): boolean {
    if (lambda === this.#lambda) return false
    this.#lambda = lambda
    if (this.#state !== undefined) this.#state = withLambda(this.#state, lambda)
    return true
  }

  /** The close of the minute that opened at `openAtMs`: the price at its end. */
  take(openAtMs: number, close: number): void {
    if (!(close > 0) || openAtMs < this.nextOpenMs) return
    const atMs = openAtMs + minuteMs
    this.#taken += 1
    if (this.#first === undefined) {
      // Restored, or after its bootstrap: there is a state.
      this.#state = advanceEwma(this.#state!, close, atMs, this.#floor)
      return
    }
    this.#first.push({ close, atMs })
    this.#state = undefined
    if (this.#taken < this.#bootstrapCloses) return
    this.#state = this.state
    this.#first = undefined
  }
}

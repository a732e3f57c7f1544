import { rhythmFreeMove } from '../volatility/horizon-model.ts'
import { advanceScaleBank, createScaleBank, type ScaleBank } from '../volatility/scale-bank.ts'
import type { CalibratedParameters } from './calibrated-parameters.ts'

/**
 * Plain data, in the stored form. The sums are relative to the rhythm of these parameters: other parameters need a new
 * memory.
 */
export interface CalibratedState {
  readonly version: typeof calibratedStateVersion
  readonly asset: string
  readonly stepSeconds: number
  readonly parametersHash: string
  readonly sums: readonly number[]
  readonly signedSums: readonly number[]
  readonly weights: readonly number[]
  readonly lastPrice: number
  readonly lastPriceAtMs: number
}

export const calibratedStateVersion = 2
/** The recent moves that are needed before a forecast is more than a default. */
const leastSeenWeight = 24

/** What the calibrated model remembers of one asset on one grid. */
export class CalibratedMemory {
  readonly parameters: CalibratedParameters
  readonly #parametersHash: string
  readonly #bank: ScaleBank
  #lastPrice = Number.NaN
  #lastPriceAtMs = Number.NaN

  constructor(parameters: CalibratedParameters, parametersHash: string, state?: CalibratedState) {
    this.parameters = parameters
    this.#parametersHash = parametersHash
    this.#bank = createScaleBank(parameters.model.halfLivesSteps)
    if (state === undefined) return
    this.#bank.sums.set(state.sums)
    this.#bank.signedSums.set(state.signedSums)
    this.#bank.weights.set(state.weights)
    this.#lastPrice = state.lastPrice
    this.#lastPriceAtMs = state.lastPriceAtMs
  }

  get parametersHash(): string {
    return this.#parametersHash
  }

  get bank(): ScaleBank {
    return this.#bank
  }

  get lastPriceAtMs(): number {
    return this.#lastPriceAtMs
  }

  get isDegraded(): boolean {
    return Math.max(...this.#bank.weights) < leastSeenWeight
  }

  /** A price of the grid. Prices between its points, and old ones, are ignored. */
  takePrice(price: number, atMs: number): void {
    const stepMs = this.parameters.model.stepSeconds * 1000
    if (atMs % stepMs !== 0 || atMs <= this.#lastPriceAtMs || !(price > 0 && Number.isFinite(price))) return
    const steps = (atMs - this.#lastPriceAtMs) / stepMs
    if (steps > 0) {
      // No move is computed across a hole: a hole only ages the memory.
      const move =
        steps === 1
          ? rhythmFreeMove(this.parameters.model, (price / this.#lastPrice - 1) * 1e4, atMs - 0.5 * stepMs)
          : Number.NaN
      advanceScaleBank(this.#bank, move, steps)
    }
    this.#lastPrice = price
    this.#lastPriceAtMs = atMs
  }

  snapshot(): CalibratedState | undefined {
    if (Number.isNaN(this.#lastPrice)) return undefined
    return {
      version: calibratedStateVersion,
      asset: this.parameters.asset,
      stepSeconds: this.parameters.model.stepSeconds,
      parametersHash: this.#parametersHash,
      sums: [...this.#bank.sums],
      signedSums: [...this.#bank.signedSums],
      weights: [...this.#bank.weights],
      lastPrice: this.#lastPrice,
      lastPriceAtMs: this.#lastPriceAtMs,
    }
  }
}

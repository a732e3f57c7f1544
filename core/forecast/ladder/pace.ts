/** How long a kind of work takes per price, learned from measurements. */
export type WorkKind = 'structured' | 'independent' | 'prepared'

/** Microseconds per price on a slow core, until something was measured. */
const firstGuess: Readonly<Record<WorkKind, number>> = { structured: 0.4, independent: 0.1, prepared: 0.05 }
const newShare = 0.2
const overheadMs = 2

export class Pace {
  readonly #microsPerPoint = { ...firstGuess }

  expectMs(kind: WorkKind, points: number): number {
    return overheadMs + (this.#microsPerPoint[kind] * points) / 1_000
  }

  note(kind: WorkKind, points: number, tookMs: number): void {
    const micros = (tookMs * 1_000) / points
    this.#microsPerPoint[kind] += newShare * (micros - this.#microsPerPoint[kind])
  }
}

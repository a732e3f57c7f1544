import type { ScoringInterval } from '#core/regimes/regime'
import type { PathMatrix } from '#core/scoring/crps'

const binCount = 10

interface Tally {
  readonly steps: number
  readonly isFirstOnly: boolean
  realised: number
  forecast: number
  readonly bins: Float64Array
}

/** How large real moves were against forecast ones, and where in the ensemble they fell, by interval. */
export class CalibrationErrors {
  readonly #tallies = new Map<string, Tally>()

  constructor(intervals: readonly ScoringInterval[], stepSeconds: number) {
    for (const { name, seconds } of intervals) {
      const isFirstOnly = name.endsWith('_gaps')
      const tally = {
        steps: seconds / stepSeconds,
        isFirstOnly,
        realised: 0,
        forecast: 0,
        bins: new Float64Array(binCount),
      }
      this.#tallies.set(name, tally)
    }
  }

  add({ pathCount, pointCount, values }: PathMatrix, real: Float64Array): void {
    for (const tally of this.#tallies.values()) {
      const last = tally.isFirstOnly ? tally.steps : pointCount - 1
      for (let to = tally.steps; to <= last; to += tally.steps) {
        const move = Math.log(real[to]! / real[to - tally.steps]!)
        if (Number.isNaN(move)) continue
        let below = 0
        let squares = 0
        for (let path = 0; path < pathCount; path += 1) {
          const at = path * pointCount + to
          const simulated = values[at]! / values[at - tally.steps]! - 1
          squares += simulated * simulated
          if (simulated < Math.expm1(move)) below += 1
        }
        tally.realised += move * move
        tally.forecast += squares / pathCount
        tally.bins[Math.min(binCount - 1, Math.floor((below / pathCount) * binCount))]! += 1
      }
    }
  }

  report(): Record<string, { readonly variance_ratio: number; readonly pit: readonly number[] }> {
    const entries = [...this.#tallies].map(([name, { realised, forecast, bins }]) => {
      const count = bins.reduce((sum, value) => sum + value, 0)
      const pit = Array.from(bins, (value) => Number((value / count).toFixed(4)))
      return [name, { variance_ratio: Number((realised / forecast).toFixed(3)), pit }] as const
    })
    return Object.fromEntries(entries)
  }
}

import type { ScoringInterval } from '#core/synth/regimes/regime'
import type { PathMatrix } from '#core/synth/scoring/crps'

const binCount = 10

/** Plain data, so that what several threads saw can be added up. */
export interface CalibrationTally {
  readonly name: string
  readonly steps: number
  readonly isFirstOnly: boolean
  realised: number
  forecast: number
  readonly bins: number[]
}

export interface CalibrationError {
  /** Sum of squared real moves over the ensembles' mean squares; 1 is right. */
  readonly variance_ratio: number
  /** Share of real moves in each tenth of the ensemble; 0.1 is right. */
  readonly pit: readonly number[]
}

/** How large real moves were against forecast ones, and where in the ensemble they fell, by interval. */
export class CalibrationErrors {
  readonly tallies: readonly CalibrationTally[]

  constructor(intervals: readonly ScoringInterval[], stepSeconds: number) {
    this.tallies = intervals.map(({ name, seconds }) => ({
      name,
      steps: seconds / stepSeconds,
      isFirstOnly: name.endsWith('_gaps'),
      realised: 0,
      forecast: 0,
      bins: new Array<number>(binCount).fill(0),
    }))
  }

  add({ pathCount, pointCount, values }: PathMatrix, real: Float64Array): void {
    for (const tally of this.tallies) {
      const last = tally.isFirstOnly ? tally.steps : pointCount - 1
      for (let to = tally.steps; to <= last; to += tally.steps) {
        const move = real[to]! / real[to - tally.steps]! - 1
        if (Number.isNaN(move)) continue
        let below = 0
        let ties = 0
        let squares = 0
        for (let path = 0; path < pathCount; path += 1) {
          const at = path * pointCount + to
          const simulated = values[at]! / values[at - tally.steps]! - 1
          squares += simulated * simulated
          if (simulated < move) below += 1
          else if (simulated === move) ties += 1
        }
        tally.realised += move * move
        tally.forecast += squares / pathCount
        const rank = (below + ties / 2) / pathCount
        tally.bins[Math.min(binCount - 1, Math.floor(rank * binCount))]! += 1
      }
    }
  }
}

export function reportCalibration(
  parts: readonly (readonly CalibrationTally[])[],
): Readonly<Record<string, CalibrationError>> {
  const names = parts[0]?.map(({ name }) => name) ?? []
  const entries = names.map((name, index) => {
    const own = parts.map((tallies) => tallies[index]!)
    const sum = (figureOf: (tally: CalibrationTally) => number) =>
      own.reduce((total, tally) => total + figureOf(tally), 0)
    const bins = Array.from({ length: binCount }, (_, bin) => sum((tally) => tally.bins[bin]!))
    const count = bins.reduce((total, value) => total + value, 0)
    const error: CalibrationError = {
      variance_ratio: Number((sum(({ realised }) => realised) / sum(({ forecast }) => forecast)).toFixed(3)),
      pit: bins.map((value) => Number((value / count).toFixed(4))),
    }
    return [name, error] as const
  })
  return Object.fromEntries(entries)
}

import { SplitMix64 } from '#core/base/random/rng'
import { dayMs, hourMs } from '#core/base/time/units'
import type { ScoredPrediction } from '#core/tuning/diagnosis/scored-prediction'
import { type FactCell, outerShare, pitBins } from '#core/tuning/replay/prediction-facts'

const startMs = Date.UTC(2026, 5, 1)

export interface ScoredRowsOptions {
  /** Forecast over true standard deviation, by hour of the day. */
  readonly widthAt?: (hourOfDay: number) => number
  readonly days?: number
  readonly total?: number
}

/** Scores of day-long predictions, every three hours, whose increments are normal draws. */
export function makeScoredRows({ widthAt = () => 1, days = 30, total = 4000 }: ScoredRowsOptions): ScoredPrediction[] {
  const rng = new SplitMix64(7n)
  const normal = () => Math.sqrt(-2 * Math.log(1 - rng.next())) * Math.cos(2 * Math.PI * rng.next())
  const rows: ScoredPrediction[] = []
  for (let at = startMs; at < startMs + days * dayMs; at += 3 * hourMs) {
    const cells = Array.from({ length: 24 }, (_, hour): FactCell => {
      const width = widthAt((at / hourMs + hour) % 24)
      const pit = new Array<number>(pitBins).fill(0)
      const outer: [number, number] = [0, 0]
      let realSquares = 0
      for (let i = 0; i < 12; i += 1) {
        const z = normal()
        realSquares += z * z
        const place = normalBelow(z / width)
        pit[Math.min(pitBins - 1, Math.floor(pitBins * place))]! += 1
        if (place < outerShare) outer[0] += 1
        if (place > 1 - outerShare) outer[1] += 1
      }
      return {
        interval: '5min',
        hour,
        count: 12,
        crpsSum: 12,
        realSquares,
        forecastVariance: 12 * width ** 2,
        pit,
        outer,
      }
    })
    rows.push({
      predictionId: `p${at}`,
      asset: 'BTC',
      startAtMs: at,
      timeLengthSeconds: 86_400,
      competition: 'crypto-24h',
      regime: 'r',
      model: 'served',
      total,
      problem: null,
      rows: [
        { name: '5min', crps: 0.6 * total, weight: null },
        { name: '30min', crps: 0.4 * total, weight: null },
        { name: 'Overall', crps: total, weight: null },
      ],
      facts: { cells, volatilityBlocks: [] },
    })
  }
  return rows
}

/** Distribution function of the normal law, to seven digits. */
function normalBelow(z: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(z / Math.SQRT2))
  const poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
  const tail = 0.5 * poly * Math.exp(-(z * z) / 2)
  return z > 0 ? 1 - tail : tail
}

import { dayMs } from '#core/base/time/units'
import type { DailyPool } from '#core/market/venues/synth-api'
import type { ShadowReport } from './report.ts'

export interface DayEarnings {
  /** UTC day, `2026-09-01`. */
  readonly day: string
  readonly poolUsd: number
  /** Share of everything that miners get, by the last weights of that day. */
  readonly weight: number
  readonly usd: number
}

/** Realised emission divided by what the weights say, as in the subnet's own backtester. */
export const emissionFactor = 0.6935

/** What the simulated weights would have earned from the published pools. */
export function estimateEarnings(
  { competitions }: Pick<ShadowReport, 'competitions'>,
  pools: readonly DailyPool[],
): DayEarnings[] {
  return pools.map(({ day, usd }) => {
    const endMs = Date.parse(`${day}T00:00:00Z`) + dayMs
    const weight = competitions.reduce((sum, { weights }) => {
      const latest = weights.filter(({ updateAtMs }) => updateAtMs <= endMs).at(-1)
      return sum + (latest?.weight ?? 0)
    }, 0)
    return { day, poolUsd: usd, weight, usd: usd * weight * emissionFactor }
  })
}

import { dayMs } from '#core/base/time/units'
import type { DailyPool } from '#core/market/venues/synth-api'
import type { RegimeBook } from '#core/synth/regimes/book'
import { resolveAverageRules } from '#core/synth/regimes/resolve'
import type { ShadowReport } from './report.ts'

export interface DayEarnings {
  /** UTC day, `2026-09-01`. */
  readonly day: string
  readonly poolUsd: number
  /** Share of everything that miners get, by the last weights of that day. */
  readonly weight: number
  readonly usd: number
}

/** What was realised of what the weights said, and when somebody measured it. */
export interface RealisedShare {
  readonly share: number
  /** UTC day. */
  readonly measuredOn: string
}

/** The owner's part of the emission changed since the measurement: its figure need not hold any more. */
export function isFromOtherOwnerRule(book: RegimeBook, { measuredOn }: RealisedShare, nowMs: number): boolean {
  const ownerAt = (updateAtMs: number) => resolveAverageRules(book, { updateAtMs }).owner
  return ownerAt(Date.parse(`${measuredOn}T00:00:00Z`)) !== ownerAt(nowMs)
}

/** What the simulated weights would have earned from the published pools. */
export function estimateEarnings(
  { competitions }: Pick<ShadowReport, 'competitions'>,
  pools: readonly DailyPool[],
  realised: RealisedShare,
): DayEarnings[] {
  return pools.map(({ day, usd }) => {
    const endMs = Date.parse(`${day}T00:00:00Z`) + dayMs
    const weight = competitions.reduce((sum, { weights }) => {
      const latest = weights.filter(({ updateAtMs }) => updateAtMs <= endMs).at(-1)
      return sum + (latest?.weight ?? 0)
    }, 0)
    return { day, poolUsd: usd, weight, usd: usd * weight * realised.share }
  })
}

import { dayMs } from '#core/base/time/units'
import type { DailyPool } from '#core/market/venues/synth-api'
import type { RegimeBook } from '#core/synth/regimes/book'
import { resolveAverageRules } from '#core/synth/regimes/resolve'
import type { CompetitionReport } from './report.ts'
import type { SimulatedWeight } from './simulate-weights.ts'
import type { TaoPrices } from './tao-price.ts'

/** What is published of what miners get, and what a TAO was worth then. */
export interface MinersPay {
  /** Ascending by day. */
  readonly pools: readonly DailyPool[]
  readonly tao: TaoPrices
}

export interface Earned {
  readonly usd: number
  /** Null: no price of TAO is known of that day. */
  readonly tao: number | null
}

export interface DayEarnings extends Earned {
  /** UTC day, `2026-09-01`. */
  readonly day: string
  readonly poolUsd: number
  /** Of one TAO at the end of the day. */
  readonly taoUsd: number | null
  /** Share of everything that miners get: the mean over the updates of that day. */
  readonly weight: number
  readonly competitions: readonly CompetitionEarnings[]
}

export interface CompetitionEarnings extends Earned {
  readonly key: string
  readonly label: string
  readonly weight: number
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

/** A day's pay for a weight; null where that day's pool is not published. */
export function earnedOn(day: string, weight: number, { pools, tao }: MinersPay, { share }: RealisedShare) {
  const pool = pools.find((one) => one.day === day)
  if (pool === undefined) return null
  const usd = pool.usd * weight * share
  const taoUsd = tao.usdByDay.get(day) ?? null
  return { usd, tao: taoUsd === null ? null : usd / taoUsd }
}

/** What the simulated weights would have earned from the published pools. Competitions of which too little is known are left out. */
export function estimateEarnings(
  competitions: readonly Pick<CompetitionReport, 'key' | 'label' | 'isComparable' | 'weights'>[],
  pay: MinersPay,
  realised: RealisedShare,
): DayEarnings[] {
  return pay.pools.map(({ day, usd: poolUsd }) => {
    const own = competitions
      .filter(({ isComparable }) => isComparable)
      .map(({ key, label, weights }) => {
        const weight = weightOfDay(weights, day)
        return { key, label, weight, ...earnedOn(day, weight, pay, realised)! }
      })
    const weight = own.reduce((sum, one) => sum + one.weight, 0)
    const taoUsd = pay.tao.usdByDay.get(day) ?? null
    return { day, poolUsd, taoUsd, weight, ...earnedOn(day, weight, pay, realised)!, competitions: own }
  })
}

/** Every update pays the same part of a day. Where the series has none of that day, the one before it still counts. */
function weightOfDay(weights: readonly SimulatedWeight[], day: string): number {
  const startMs = Date.parse(`${day}T00:00:00Z`)
  const endMs = startMs + dayMs
  const ofDay = weights.filter(({ updateAtMs }) => updateAtMs >= startMs && updateAtMs < endMs)
  if (ofDay.length > 0) return ofDay.reduce((sum, { weight }) => sum + weight, 0) / ofDay.length
  return weights.filter(({ updateAtMs }) => updateAtMs < startMs).at(-1)?.weight ?? 0
}

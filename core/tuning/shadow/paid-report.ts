import { earnedOn, type MinersPay, type RealisedShare } from './earnings.ts'
import type { StoredShadowReport } from './read-report.ts'

/** A report with what its weights would have earned. */
export interface PaidReport {
  readonly report: StoredShadowReport
  readonly pay: MinersPay
  readonly realised: RealisedShare
}

/** By the newest published pool: today's is not known yet. */
export function paidNow({ report, pay, realised }: PaidReport) {
  const day = pay.pools.at(-1)?.day
  return day === undefined ? undefined : { day, ...earnedOn(day, report.weight, pay, realised)! }
}

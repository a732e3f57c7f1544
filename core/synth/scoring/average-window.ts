import { dayMs } from '#core/base/time/units'
import type { AverageRule } from '../regimes/regime.ts'

export interface AverageWindow {
  readonly updateAtMs: number
  readonly windowDays: number
  /** An update runs before the newest rows are scored; see AverageRule. */
  readonly newestRowLagSeconds: AverageRule['newestRowLagSeconds']
}

/**
 * Whether an update counts a row, by the end of the row's predicted period. The lower end is open. The upper end is the
 * update itself; for a replay that has all rows it is open at the lag of the newest.
 */
export function isInWindow(scoredAtMs: number, window: AverageWindow): boolean {
  const { updateAtMs, windowDays, newestRowLagSeconds } = window
  if (scoredAtMs <= updateAtMs - windowDays * dayMs) return false
  if (newestRowLagSeconds > 0) return scoredAtMs < updateAtMs - newestRowLagSeconds * 1000
  return scoredAtMs <= updateAtMs
}

/** Rows of one competition that an update counts, in the given order. */
export function rowsInWindow<Row extends { readonly scoredAtMs: number }>(
  rows: readonly Row[],
  window: AverageWindow,
): Row[] {
  return rows.filter(({ scoredAtMs }) => isInWindow(scoredAtMs, window))
}

import type { Stored } from '#core/base/store/stored'
import { dayMs } from '#core/base/time/units'
import type { RetentionConfig } from './config.ts'
import { repeatStep, type ThinningDeps } from './repeat-step.ts'

export interface OldRows {
  /** One short step, on the thread that writes. Returns how much it did; 0 is the end. */
  deleteField(beforeMs: number): Promise<Stored<number>>
  deleteRealisedPaths(beforeMs: number): Promise<Stored<number>>
}

/** Deletes what is older than the settings say, a little at a time. False: it failed, and the next tick continues. */
export async function thinOldRows(
  { rows, ...deps }: ThinningDeps & { readonly rows: OldRows },
  { fieldDays, realisedPathDays }: Pick<RetentionConfig, 'fieldDays' | 'realisedPathDays'>,
  signal: AbortSignal,
): Promise<boolean> {
  const kinds = [
    { table: 'field_prompts', days: fieldDays, step: (beforeMs: number) => rows.deleteField(beforeMs) },
    { table: 'realized_paths', days: realisedPathDays, step: (beforeMs: number) => rows.deleteRealisedPaths(beforeMs) },
  ]
  for (const { table, days, step } of kinds) {
    // Whole days, so that a stretch of the field is not shortened again at each tick.
    const beforeMs = () => Math.floor(deps.clock.nowMs() / dayMs - days) * dayMs
    const deleted = await repeatStep(deps, table, () => step(beforeMs()), signal)
    if (deleted === undefined) return false
    if (deleted > 0) deps.log.info({ event: 'retention.deleted', table, rows: deleted, days }, 'Old rows were deleted')
  }
  return true
}

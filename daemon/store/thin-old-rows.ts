import type { Logger } from '#core/base/log/logger'
import type { Stored } from '#core/base/store/stored'
import type { Clock } from '#core/base/time/clock'
import { dayMs } from '#core/base/time/units'
import type { RetentionConfig } from './config.ts'

export interface OldRows {
  /** One short step, on the thread that writes. Returns how much it did; 0 is the end. */
  deleteField(beforeMs: number): Promise<Stored<number>>
  deleteRealisedPaths(beforeMs: number): Promise<Stored<number>>
}

export interface ThinOldRowsDeps {
  readonly rows: OldRows
  readonly clock: Clock & { doubt(): string | undefined }
  readonly log: Logger
}

/** Between two steps others write: the disk is not only for this. */
const pauseMs = 20

/** Deletes what is older than the settings say, a little at a time. False: it failed, and the next tick continues. */
export async function thinOldRows(
  { rows, clock, log }: ThinOldRowsDeps,
  { fieldDays, realisedPathDays }: Pick<RetentionConfig, 'fieldDays' | 'realisedPathDays'>,
  signal: AbortSignal,
): Promise<boolean> {
  const kinds = [
    { table: 'field_prompts', days: fieldDays, step: (beforeMs: number) => rows.deleteField(beforeMs) },
    { table: 'realized_paths', days: realisedPathDays, step: (beforeMs: number) => rows.deleteRealisedPaths(beforeMs) },
  ]
  for (const { table, days, step } of kinds) {
    let deleted = 0
    for (;;) {
      // Asked before each step: the clock may jump while this runs.
      const doubt = clock.doubt()
      if (doubt !== undefined) {
        log.warn({ event: 'retention.waits', reason: doubt }, 'Nothing is deleted while the clock is not trusted')
        return false
      }
      // Whole days, so that a stretch of the field is not shortened again at each tick.
      const beforeMs = Math.floor(clock.nowMs() / dayMs - days) * dayMs
      const done = await step(beforeMs)
      if (!done.ok) {
        log.warn({ event: 'retention.failed', table, reason: done.failure.detail }, 'Old rows could not be deleted')
        return false
      }
      if (done.value === 0) break
      deleted += done.value
      await clock.sleep(pauseMs, signal)
    }
    if (deleted > 0) log.info({ event: 'retention.deleted', table, rows: deleted, days }, 'Old rows were deleted')
  }
  return true
}

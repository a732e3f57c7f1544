import type { Logger } from '#core/base/log/logger'
import type { Stored } from '#core/base/store/stored'
import type { Clock } from '#core/base/time/clock'

export interface ThinningDeps {
  readonly clock: Clock & { doubt(): string | undefined }
  readonly log: Logger
}

/** Between two steps others write: the disk is not only for this. */
const pauseMs = 20

/**
 * Repeats a short step of deleting until nothing is left to do, never while the clock is in doubt. `step` returns how much it
 * did. Undefined: it failed, and the next tick continues.
 */
export async function repeatStep(
  { clock, log }: ThinningDeps,
  table: string,
  step: () => Promise<Stored<number>>,
  signal: AbortSignal,
): Promise<number | undefined> {
  for (let done = 0; ; ) {
    // Asked before each step: the clock may jump while this runs.
    const doubt = clock.doubt()
    if (doubt !== undefined) {
      log.warn({ event: 'retention.waits', reason: doubt }, 'Nothing is deleted while the clock is not trusted')
      return undefined
    }
    const result = await step()
    if (!result.ok) {
      log.warn({ event: 'retention.failed', table, reason: result.failure.detail }, 'Old rows could not be deleted')
      return undefined
    }
    if (result.value === 0) return done
    done += result.value
    await clock.sleep(pauseMs, signal)
  }
}

import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import { type MinuteTicks, startMinuteTicks } from '#core/base/time/minute-ticks'
import type { MinuteListener } from './minute-recorder.ts'

/** After the full minute, when another program's recorder has probably written. */
const offsetMs = 10_000

/** Without a recorder of our own the states read the minute store by themselves. */
export function startVolatilityRefresh(
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
  states: Pick<MinuteListener, 'roundDone'>,
): MinuteTicks {
  return startMinuteTicks(clock, { offsetMs }, (scheduledAtMs) => {
    try {
      states.roundDone()
    } catch (err) {
      log.error(
        { event: 'job.failed', job: 'volatility-refresh', scheduledAtMs, err },
        'A tick failed; the next one comes',
      )
    }
  })
}

import { schedule } from 'node-cron'
import type { Logger } from '#core/log/logger'
import type { Schedule } from '#core/time/schedule'

/** UTC, so that a change of the local clock for the summer neither doubles nor skips a tick. */
export function createCronSchedule(deps: { log: Logger }): Schedule {
  return {
    every: (expression, tick) => {
      const task = schedule(expression, (context) => tick(context.date.getTime()), {
        timezone: 'Etc/UTC',
        // The library would write to the console by itself.
        suppressMissedWarning: true,
      })
      task.on('execution:missed', ({ date }) => {
        const fields = { event: 'job.missed', expression, scheduledAtMs: date.getTime() }
        deps.log.warn(fields, 'A tick was missed: the process was busy or asleep')
      })
      return { stop: () => void task.destroy() }
    },
  }
}

import { createTask, schedule } from 'node-cron'
import type { Logger } from '#core/base/log/logger'
import type { DueTimes, Schedule } from '#core/base/time/schedule'
import { dayMinutes, minuteMs } from '#core/base/time/units'

/** UTC, so that a change to or from summer time neither doubles nor skips a tick. */
export function createCronSchedule(deps: { log: Logger }): Schedule & DueTimes {
  return {
    lastDueMs,
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

/** A missed run of a job that is due less often than this many days is not made up. */
const searchedMinutes = 8 * dayMinutes

/** The library only looks ahead, so minutes are tried backwards. */
function lastDueMs(expression: string, nowMs: number): number | undefined {
  const task = createTask(expression, () => undefined, { timezone: 'Etc/UTC' })
  try {
    const newest = Math.floor(nowMs / minuteMs) * minuteMs
    for (let i = 0; i < searchedMinutes; i += 1) {
      if (task.match(new Date(newest - i * minuteMs))) return newest - i * minuteMs
    }
    return undefined
  } finally {
    void task.destroy()
  }
}

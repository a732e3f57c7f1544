import { createCronSchedule } from '#adapters/clock/cron-schedule'
import { systemClock } from '#adapters/clock/system-clock'
import { suspectDamage } from '#adapters/sqlite/find-damage'
import type { HealthBoard } from '#core/base/health/health-board'
import type { ShutdownStack } from '#core/base/lifecycle/shutdown-stack'
import type { Logger } from '#core/base/log/logger'
import type { Rng } from '#core/base/random/rng'
import type { ClockJudge } from '#core/base/time/clock-judge'
import type { Journal } from '#core/forecast/journal/journal'
import { readScheduledEvents } from '#core/forecast/journal/scheduled-events'
import type { DaemonConfig } from './config.ts'
import { SupervisedJob } from './jobs/supervised-job.ts'
import { describeCalendar } from './journal/calendar-health.ts'
import { ThreadedJournal } from './journal/threaded-journal.ts'
import { startWriterThread } from './journal/writer-thread.ts'

export interface JournalParts {
  readonly stack: ShutdownStack
  readonly board: HealthBoard
  readonly clock: ClockJudge
  readonly rng: Rng
  readonly log: Logger
  /** Predictions in the database at the start. */
  readonly keptBefore: number
}

/** Where served predictions are kept, and the job that limits their size. The database is open already. */
export async function composeJournal(parts: JournalParts, config: DaemonConfig): Promise<Journal> {
  const { stack, board, clock, rng } = parts
  const log = parts.log.child({ component: 'journal' })
  const { retainDays, retainBytes, minFreeBytes, waitMs, trimCron } = config.journal
  const dbPath = config.db.path
  const options = { retainDays, retainBytes, minFreeBytes, waitMs }
  const journal = await stack.use(
    'journal',
    ThreadedJournal.start(
      {
        // The disk runs on real time, and so does the writer's thread with its deadlines. The miner's own time may be
        // that of a market stand-in.
        clock: systemClock,
        log,
        startThread: () => startWriterThread({ dbPath, options }),
        onDamage: () => suspectDamage(dbPath),
        keptBefore: parts.keptBefore,
      },
      config.journal,
    ),
  )
  board.register('journal', () => journal.health())
  if (config.journal.calendarEvents) {
    const added = readScheduledEvents(config.journal.addedEvents)
    board.register('calendar', () => describeCalendar(added, clock.nowMs()))
    const { state, sentence, hint } = describeCalendar(added, clock.nowMs())
    if (state !== 'ok') log.info({ event: 'calendar.ended', hint }, sentence)
  }
  const trimming = new SupervisedJob(
    { log, clock, rng: rng.fork('journal trim'), schedule: createCronSchedule({ log }) },
    { name: 'journal-trim', cron: trimCron, jitterMs: 0 },
    async () => {
      const doubt = clock.doubt()
      if (doubt === undefined) return journal.trim(clock.nowMs())
      log.warn({ event: 'journal.trim_waits', reason: doubt }, 'Nothing is deleted while the clock is not trusted')
      return false
    },
  )
  trimming.start()
  await stack.use('journal trim', trimming)
  return journal
}

import { createCronSchedule } from '#adapters/clock/cron-schedule'
import type { ShutdownStack } from '#core/base/lifecycle/shutdown-stack'
import type { Logger } from '#core/base/log/logger'
import type { Rng } from '#core/base/random/rng'
import type { ClockJudge } from '#core/base/time/clock-judge'
import { SupervisedJob } from './jobs/supervised-job.ts'
import type { RetentionConfig } from './store/config.ts'
import { type OldRows, thinOldRows } from './store/thin-old-rows.ts'

export interface RetentionParts {
  readonly stack: ShutdownStack
  readonly rows: OldRows
  readonly clock: ClockJudge
  readonly rng: Rng
  readonly log: Logger
}

/** The job that limits the tables of the field's scores and of realised paths. The journal has its own. */
export async function composeRetention(parts: RetentionParts, config: RetentionConfig): Promise<void> {
  const { stack, rows, clock, rng } = parts
  const log = parts.log.child({ component: 'retention' })
  const job = new SupervisedJob(
    { log, clock, rng: rng.fork('retention'), schedule: createCronSchedule({ log }) },
    { name: 'retention', cron: config.cron, jitterMs: 0 },
    (_, signal) => thinOldRows({ rows, clock, log }, config, signal),
  )
  job.start()
  await stack.use('retention', job)
}

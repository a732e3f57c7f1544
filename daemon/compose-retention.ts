import { createCronSchedule } from '#adapters/clock/cron-schedule'
import type { ShutdownStack } from '#core/base/lifecycle/shutdown-stack'
import type { Logger } from '#core/base/log/logger'
import type { Rng } from '#core/base/random/rng'
import type { ClockJudge } from '#core/base/time/clock-judge'
import type { DaemonConfig } from './config.ts'
import { SupervisedJob } from './jobs/supervised-job.ts'
import { type OldRows, thinOldRows } from './store/thin-old-rows.ts'
import { type StoredPrices, thinPrices } from './store/thin-prices.ts'

export interface RetentionParts {
  readonly stack: ShutdownStack
  readonly rows: OldRows
  readonly prices: StoredPrices
  readonly clock: ClockJudge
  readonly rng: Rng
  readonly log: Logger
}

/**
 * The job that limits the tables of the field's scores and of realised paths, and the prices of scored predictions. Whole
 * predictions are limited by the journal's own.
 */
export async function composeRetention(
  parts: RetentionParts,
  { retention, journal }: Pick<DaemonConfig, 'retention' | 'journal'>,
): Promise<void> {
  const { stack, rows, prices, clock, rng } = parts
  const log = parts.log.child({ component: 'retention' })
  const job = new SupervisedJob(
    { log, clock, rng: rng.fork('retention'), schedule: createCronSchedule({ log }) },
    { name: 'retention', cron: retention.cron, jitterMs: 0 },
    async (_, signal) =>
      (await thinOldRows({ rows, clock, log }, retention, signal)) &&
      (await thinPrices({ prices, clock, log }, journal, signal)),
  )
  job.start()
  await stack.use('retention', job)
}

import { createCronSchedule } from '#adapters/clock/cron-schedule'
import { createTunerProgram } from '#adapters/process/tuner-program'
import type { LoadedConfig } from '#core/base/config/load-config'
import { settingsEnvironment } from '#core/base/config/settings-environment'
import type { HealthBoard } from '#core/base/health/health-board'
import type { ShutdownStack } from '#core/base/lifecycle/shutdown-stack'
import type { Logger } from '#core/base/log/logger'
import type { Rng } from '#core/base/random/rng'
import type { Clock } from '#core/base/time/clock'
import type { TunerRunStore } from '#core/tuning/runs/tuner-runs'
import { sharedSections } from '#core/tuning/settings/shared-sections'
import type { DaemonConfig } from './config.ts'
import { tunerJobs } from './tuning/config.ts'
import { TunerJobs } from './tuning/tuner-jobs.ts'

export interface TuningParts {
  readonly stack: ShutdownStack
  readonly board: HealthBoard
  readonly runs: TunerRunStore
  readonly clock: Clock
  readonly rng: Rng
  readonly log: Logger
  readonly packageRoot: string
  /** Whose published scores the watch holds against ours. */
  readonly ownUids: () => readonly number[]
  readonly env: Readonly<Record<string, string | undefined>>
}

const sections: ReadonlySet<string> = new Set(Object.keys(sharedSections))

/** Replay, diagnosis, shadow and repair, each in a separate process with the settings of this one. */
export async function composeTuning(parts: TuningParts, loaded: LoadedConfig<DaemonConfig>): Promise<void> {
  const { stack, board, runs, clock, rng, log, packageRoot, env, ownUids } = parts
  const { tuning } = loaded.config
  const outer = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('VOLCAST_')))
  const program = createTunerProgram({
    clock,
    packageRoot,
    isSource: import.meta.url.endsWith('.ts'),
    // The file and the flags of the miner are in these variables: the child reads no file.
    env: { ...outer, ...settingsEnvironment(loaded, sections), VOLCAST_CONFIG: '/dev/null' },
  })
  const jobs = new TunerJobs(
    { clock, log, rng, schedule: createCronSchedule({ log }), program, runs },
    { jobs: tunerJobs(tuning, ownUids), timeoutMs: tuning.timeoutMs, catchUpDelayMs: tuning.catchUpDelayMs },
  )
  jobs.start()
  await stack.use('tuner', jobs)
  board.register('tuner', () => jobs.health())
}

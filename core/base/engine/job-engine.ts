import type { JsonValue } from '../json/strict-json.ts'
import type { Job } from './job.ts'

/** What jobs can run on. `embedded`: threads of this process, on jobs that are stored in the database. */
export const engineNames = ['embedded'] as const
export type EngineName = (typeof engineNames)[number]

/**
 * Runs graphs of jobs. The interface does not say where: the same graph gives the same results on threads of this
 * process and on other machines. To resume an interrupted run, submit it again.
 */
export interface JobEngine {
  /** Resolves when every job has an outcome, also when some have failed. */
  run(jobs: readonly Job[], options?: RunOptions): Promise<RunReport>
}

export interface RunOptions {
  /** Starts no further job. Running jobs finish; jobs that have not begun become `cancelled`. */
  readonly signal?: AbortSignal
  readonly onProgress?: (event: JobProgress) => void
  /** Does jobs again that are done already. */
  readonly again?: boolean
}

export interface JobProgress {
  readonly job: Job
  readonly outcome: JobOutcome
  readonly settled: number
  readonly total: number
}

export type JobOutcome =
  /** `isCached`: done before this run, or by another run meanwhile. */
  | { readonly state: 'done'; readonly result: JsonValue; readonly isCached: boolean }
  | { readonly state: 'failed'; readonly reason: string; readonly attempts: number }
  /** A job that it needs was not done. */
  | { readonly state: 'blocked'; readonly by: string }
  | { readonly state: 'cancelled' }

export interface RunReport {
  /** By key. */
  readonly outcomes: ReadonlyMap<string, JobOutcome>
}

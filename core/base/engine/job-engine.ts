import type { JsonValue } from '../json/strict-json.ts'
import type { Job } from './job.ts'

/** What jobs can run on. `embedded`: threads of this process, on jobs that lie in the database. */
export const engineNames = ['embedded'] as const
export type EngineName = (typeof engineNames)[number]

/**
 * Runs graphs of jobs. Nothing in here says where: the same graph gives the same results on threads of this process or
 * on other machines. A run that was cut off is resumed by asking for it again.
 */
export interface JobEngine {
  /** Resolves when every job is settled, also when some have failed. */
  run(jobs: readonly Job[], options?: RunOptions): Promise<RunReport>
}

export interface RunOptions {
  /** Starts nothing more; what runs comes to its end, what has not begun is `cancelled`. */
  readonly signal?: AbortSignal
  readonly onProgress?: (event: JobProgress) => void
  /** Does jobs again that were done before. */
  readonly again?: boolean
}

export interface JobProgress {
  readonly job: Job
  readonly outcome: JobOutcome
  readonly settled: number
  readonly total: number
}

export type JobOutcome =
  /** `isCached`: done before this run, or by another one meanwhile. */
  | { readonly state: 'done'; readonly result: JsonValue; readonly isCached: boolean }
  | { readonly state: 'failed'; readonly reason: string; readonly attempts: number }
  /** A job that it needs did not get done. */
  | { readonly state: 'blocked'; readonly by: string }
  | { readonly state: 'cancelled' }

export interface RunReport {
  /** By key. */
  readonly outcomes: ReadonlyMap<string, JobOutcome>
}

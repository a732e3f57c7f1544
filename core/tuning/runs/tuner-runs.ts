/** One of the tuner's commands, run beside the miner as a process of low priority. */
export interface TunerProgram {
  run(args: readonly string[], options: { timeoutMs: number; signal: AbortSignal }): Promise<TunerOutcome>
}

export interface TunerOutcome {
  /** Null: it was stopped, or a signal ended it. */
  readonly exitCode: number | null
  /** The last line of its output, for the log and the health page. */
  readonly lastLine: string
}

export interface TunerRun {
  readonly job: string
  readonly scheduledAtMs: number
  readonly startedAtMs: number
  readonly finishedAtMs: number
  readonly exitCode: number | null
  readonly lastLine: string
}

export interface TunerRunStore {
  record(run: TunerRun): void | Promise<void>
  /** What is kept of a job, the newest first. */
  recentRuns(job: string): readonly TunerRun[]
  /** Of any job. */
  firstRunAtMs(): number | undefined
}

import { Piscina } from 'piscina'
import type { JobReply, JobRunner, JobSpec } from '#core/base/engine/job-handlers'
import { messageOf } from '#core/base/errors/message-of'

export interface ThreadJobRunnerOptions {
  /** A module that exports `runJob(spec: JobSpec): Promise<JobReply>`, and what Node needs to load it. */
  readonly worker: { readonly filename: string; readonly execArgv: string[] }
  /** Given to every worker: for example where the database is. */
  readonly workerData: object
  readonly threads: number
  /** Of the young generation in each thread: less memory for a little more garbage collection. */
  readonly youngGenerationMb?: number
}

/** Jobs on threads of this process; none is started before there is a job. */
export class ThreadJobRunner implements JobRunner {
  readonly capacity: number
  readonly #options: ThreadJobRunnerOptions
  #pool: Piscina<JobSpec, JobReply> | undefined

  constructor(options: ThreadJobRunnerOptions) {
    this.capacity = options.threads
    this.#options = options
  }

  async run(spec: JobSpec): Promise<JobReply> {
    try {
      this.#pool ??= this.#start()
      return await this.#pool.run(spec)
    } catch (error) {
      // The handler's own errors come as replies: here a thread died, and the next one may not.
      const reason = messageOf(error)
      return { ok: false, reason: `the worker ended: ${reason}`, isRetryable: true }
    }
  }

  async stop(): Promise<void> {
    await this.#pool?.destroy()
  }

  #start(): Piscina<JobSpec, JobReply> {
    const { worker, workerData, youngGenerationMb = 16 } = this.#options
    return new Piscina<JobSpec, JobReply>({
      ...worker,
      name: 'runJob',
      workerData,
      minThreads: 1,
      maxThreads: this.capacity,
      concurrentTasksPerWorker: 1,
      resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
    })
  }
}

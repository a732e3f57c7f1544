/** Scores answers on worker threads. Prices travel in shared memory, so handing one over costs at most one copy. */
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import type { TotalScore } from '#core/synth/scoring/answer-scorer'
import { checkMatrix } from '#core/synth/scoring/crps'
import { ScoringError } from '#core/synth/scoring/score-plan'
import type { ScoreJob, ScorePool } from '#core/synth/scoring/score-pool'
import type { ScoreReply } from './score-worker.ts'
import { Slots, toShared } from './slots.ts'

export interface WorkerScorePoolOptions {
  /** Default: one for each core. */
  readonly workerCount?: number
  /** Answers held at once, waiting or being scored. Default: two for each worker, so that none waits for the next. */
  readonly capacity?: number
}

const isSource = import.meta.url.endsWith('.ts')

export class WorkerScorePool implements ScorePool {
  readonly capacity: number
  readonly workerCount: number
  readonly #workers: Piscina<ScoreJob, ScoreReply>
  readonly #slots: Slots
  readonly #running = new Set<Promise<unknown>>()
  #isClosed = false

  constructor(options: WorkerScorePoolOptions = {}) {
    this.workerCount = options.workerCount ?? availableParallelism()
    this.capacity = Math.max(options.capacity ?? 2 * this.workerCount, 1)
    this.#slots = new Slots(this.capacity)
    this.#workers = new Piscina<ScoreJob, ScoreReply>({
      filename: fileURLToPath(new URL(isSource ? './score-worker.ts' : './score-worker.js', import.meta.url)),
      name: 'scoreJob',
      minThreads: this.workerCount,
      maxThreads: this.workerCount,
      // The next answer already lies with the worker when it is done with one.
      concurrentTasksPerWorker: 2,
      // The compiled worker needs nothing; its source needs the loader that this thread runs under as well.
      execArgv: isSource ? ['--import', 'tsx'] : [],
    })
  }

  score(job: ScoreJob, signal?: AbortSignal): Promise<TotalScore> {
    const scored = this.#score(job, signal)
    const settled = scored.then(
      () => undefined,
      () => undefined,
    )
    this.#running.add(settled)
    void settled.then(() => this.#running.delete(settled))
    return scored
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all(this.#running)
    await this.#workers.destroy()
  }

  async #score(job: ScoreJob, signal: AbortSignal | undefined): Promise<TotalScore> {
    if (this.#isClosed) throw new Error('The score pool is closed.')
    checkMatrix(job.paths)
    const slot = await this.#slots.take(signal)
    try {
      const paths = { ...job.paths, values: toShared(job.paths.values, slot) }
      const reply = await this.#workers.run({ paths, real: job.real, options: job.options })
      if (reply.ok) return reply.score
      throw new ScoringError(reply.code, reply.message, { details: reply.details })
    } finally {
      this.#slots.giveBack(slot)
    }
  }
}

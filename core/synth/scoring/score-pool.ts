/** Scoring many answers: the port, the plain implementation in this thread, and a walk over a stream of answers. */
import { AnswerScorer, type TotalOptions, type TotalScore } from './answer-scorer.ts'
import type { PathMatrix } from './crps.ts'

export interface ScoreJob {
  /** Must not change until the score is there. Values in shared memory are read where they lie, others are copied. */
  readonly paths: PathMatrix
  readonly real: Float64Array
  readonly options: TotalOptions
}

/** Room for an answer that worker threads can read without a copy; the caller fills in the prices. */
export function allocateSharedPaths(pathCount: number, pointCount: number): PathMatrix {
  const bytes = Float64Array.BYTES_PER_ELEMENT * pathCount * pointCount
  return { pathCount, pointCount, values: new Float64Array(new SharedArrayBuffer(bytes)) }
}

export interface ScorePool {
  /** How many answers it holds at once; beyond that `score` waits for room before it takes the next one in. */
  readonly capacity: number
  score(job: ScoreJob, signal?: AbortSignal): Promise<TotalScore>
  close(): Promise<void>
}

/** For one answer now and then, and for tests: no threads. */
export class DirectScorePool implements ScorePool {
  readonly capacity = 1
  readonly #scorer = new AnswerScorer()
  #isClosed = false

  async score(job: ScoreJob, signal?: AbortSignal): Promise<TotalScore> {
    signal?.throwIfAborted()
    if (this.#isClosed) throw new Error('The score pool is closed.')
    return this.#scorer.scoreTotal(job.paths, job.real, job.options)
  }

  async close(): Promise<void> {
    this.#isClosed = true
  }
}

/**
 * The scores of all jobs in their order. Jobs are made only as the pool has room for them, so a long stream of answers
 * never lies in memory. Leaving the loop early lets the jobs that run come to their end, unseen.
 */
export async function* scoreAll(
  pool: ScorePool,
  jobs: Iterable<ScoreJob> | AsyncIterable<ScoreJob>,
  signal?: AbortSignal,
): AsyncGenerator<TotalScore, void, undefined> {
  const running: Promise<TotalScore>[] = []
  try {
    for await (const job of jobs) {
      const scored = pool.score(job, signal)
      // A failure is met below, when its turn comes; until then it must not count as unhandled.
      scored.catch(() => undefined)
      running.push(scored)
      if (running.length >= pool.capacity) yield await running.shift()!
    }
    while (running.length > 0) yield await running.shift()!
  } finally {
    await Promise.allSettled(running)
  }
}

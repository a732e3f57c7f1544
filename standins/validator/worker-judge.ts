import { Piscina } from 'piscina'
import type { Stoppable } from '#core/base/lifecycle/shutdown-stack'
import { workerFile } from '#daemon/workers/worker-file'
import type { ExamineTask, ExamineVerdict, Judge, SettledScores, SettleTask } from './judge-tasks.ts'

/** The judge in a separate thread: of two cores, one stays with the miner. */
export class WorkerJudge implements Judge, Stoppable {
  readonly #pool = new Piscina<ExamineTask | SettleTask, ExamineVerdict | SettledScores>({
    ...workerFile(import.meta.url, 'judge-worker'),
    name: 'judge',
    minThreads: 1,
    maxThreads: 1,
    idleTimeout: Number.POSITIVE_INFINITY,
  })

  async examine(task: Omit<ExamineTask, 'kind'>): Promise<ExamineVerdict> {
    return (await this.#pool.run({ ...task, kind: 'examine' })) as ExamineVerdict
  }

  async settle(task: Omit<SettleTask, 'kind'>): Promise<SettledScores> {
    return (await this.#pool.run({ ...task, kind: 'settle' })) as SettledScores
  }

  stop(): Promise<void> {
    return this.#pool.destroy()
  }
}

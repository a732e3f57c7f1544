import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import type { WalkedGroup } from './walk-forward.ts'
import type { PlanReply, PlanTask, WalkTask } from './walk-tasks.ts'

/** The walks of a bench, on as many threads as there are cores; the figures do not depend on how many. */
export class WalkThreads {
  readonly #threads = new Piscina({
    filename: fileURLToPath(new URL('./walk-tasks.ts', import.meta.url)),
    maxThreads: availableParallelism(),
    // Named here: Piscina would look for a default export first, and not find the loader for it.
    name: 'runTask',
    execArgv: ['--import', 'tsx'],
  })

  plan(task: Omit<PlanTask, 'kind'>): Promise<PlanReply> {
    return this.#threads.run({ ...task, kind: 'plan' }) as Promise<PlanReply>
  }

  walk(task: Omit<WalkTask, 'kind'>): Promise<WalkedGroup> {
    return this.#threads.run({ ...task, kind: 'walk' }) as Promise<WalkedGroup>
  }

  async close(): Promise<void> {
    await this.#threads.close()
  }
}

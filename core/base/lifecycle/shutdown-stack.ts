import type { Logger } from '../log/logger.ts'
import type { Clock } from '../time/clock.ts'
import { withinMs } from '../time/within-ms.ts'

interface Step {
  readonly name: string
  readonly stop: () => Promise<void> | void
}

export interface Stoppable {
  stop(): Promise<void> | void
}

/**
 * Starts parts in order and stops them in reverse. A step that exceeds its deadline is logged and skipped, so that one
 * stuck part does not stop the others from closing.
 */
export class ShutdownStack {
  readonly #log: Logger
  readonly #clock: Clock
  readonly #stepDeadlineMs: number
  readonly #steps: Step[] = []
  #stopping: Promise<void> | undefined

  constructor(deps: { log: Logger; clock: Clock }, options: { stepDeadlineMs?: number } = {}) {
    this.#log = deps.log
    this.#clock = deps.clock
    this.#stepDeadlineMs = options.stepDeadlineMs ?? 10_000
  }

  /** Waits for the part to start and remembers how to stop it. A failed start stops what had started. */
  async use<T extends Stoppable>(name: string, starting: T | Promise<T>): Promise<T> {
    try {
      const part = await starting
      this.#steps.push({ name, stop: () => part.stop() })
      return part
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  /** Safe to call twice: the second caller waits for the first. */
  stop(): Promise<void> {
    this.#stopping ??= this.#unwind()
    return this.#stopping
  }

  async #unwind(): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) await this.#stopOne(step)
  }

  async #stopOne(step: Step): Promise<void> {
    const stop = async (): Promise<boolean> => {
      await step.stop()
      return true
    }
    try {
      const isStopped = await withinMs(this.#clock, this.#stepDeadlineMs, stop, () => false)
      if (!isStopped) {
        this.#log.warn(
          { event: 'stop.overran', step: step.name, deadlineMs: this.#stepDeadlineMs },
          'A part did not stop in time',
        )
      }
    } catch (err) {
      this.#log.error({ event: 'stop.failed', step: step.name, err }, 'A part failed to stop')
    }
  }
}

import type { Logger } from '#core/base/log/logger'
import type { Rng } from '#core/base/random/rng'
import type { Clock } from '#core/base/time/clock'
import type { Schedule } from '#core/base/time/schedule'

export interface JobDeps {
  readonly log: Logger
  readonly clock: Clock
  readonly rng: Rng
  readonly schedule: Schedule
}

export interface JobOptions {
  readonly name: string
  readonly cron: string
  /** Each tick waits a random part of this, so that all miners do not ask in the same second. */
  readonly jitterMs: number
}

/** True when the tick succeeded; false, or a throw, when it did not. */
export type JobWork = (scheduledAtMs: number, signal: AbortSignal) => Promise<boolean>

export interface JobStatus {
  readonly state: 'waiting' | 'running' | 'stopped'
  /** Since the last successful tick; undefined before the first. */
  readonly ageMs: number | undefined
  readonly failuresInARow: number
}

/**
 * Runs one piece of work on a cron. A tick that fails is logged and counted, and the next one runs as usual. A tick
 * that is due while the previous one still runs is dropped, because its work is being done.
 */
export class SupervisedJob {
  readonly #deps: JobDeps
  readonly #options: JobOptions
  readonly #work: JobWork
  readonly #stopping = new AbortController()
  #task: { stop(): void } | undefined
  #running: Promise<void> | undefined
  #succeededAtMs: number | undefined
  #failuresInARow = 0

  constructor(deps: JobDeps, options: JobOptions, work: JobWork) {
    this.#deps = deps
    this.#options = options
    this.#work = work
  }

  start(): void {
    this.#task = this.#deps.schedule.every(this.#options.cron, (scheduledAtMs) => this.tick(scheduledAtMs))
  }

  /** The cron calls this; tests may too. */
  tick(scheduledAtMs: number): void {
    if (this.#stopping.signal.aborted) return
    if (this.#running !== undefined) {
      const { name } = this.#options
      this.#deps.log.debug({ event: 'job.skipped', job: name, scheduledAtMs }, 'The previous tick still runs')
      return
    }
    this.#running = this.#run(scheduledAtMs).finally(() => {
      this.#running = undefined
    })
  }

  status(): JobStatus {
    const { clock } = this.#deps
    return {
      state: this.#stopping.signal.aborted ? 'stopped' : this.#running === undefined ? 'waiting' : 'running',
      ageMs: this.#succeededAtMs === undefined ? undefined : clock.monotonicMs() - this.#succeededAtMs,
      failuresInARow: this.#failuresInARow,
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('stopping'))
    this.#task?.stop()
    await this.#running
  }

  async #run(scheduledAtMs: number): Promise<void> {
    const { log, clock, rng } = this.#deps
    const { name, jitterMs } = this.#options
    const { signal } = this.#stopping
    try {
      await clock.sleep(rng.next() * jitterMs, signal)
      if (await this.#work(scheduledAtMs, signal)) {
        this.#succeededAtMs = clock.monotonicMs()
        this.#failuresInARow = 0
        return
      }
      this.#failuresInARow += 1
    } catch (err) {
      if (signal.aborted) return
      this.#failuresInARow += 1
      log.error({ event: 'job.failed', job: name, scheduledAtMs, err }, 'A tick failed; the next one runs as usual')
    }
  }
}

import { exitCodes } from '#core/base/errors/codes'
import type { PartHealth } from '#core/base/health/health-board'
import type { Logger } from '#core/base/log/logger'
import type { Rng } from '#core/base/random/rng'
import type { Clock } from '#core/base/time/clock'
import type { DueTimes, Schedule } from '#core/base/time/schedule'
import { minuteMs } from '#core/base/time/units'
import type { TunerOutcome, TunerProgram, TunerRunStore } from '#core/tuning/runs/tuner-runs'
import { SupervisedJob } from '../jobs/supervised-job.ts'

export interface TunerJob {
  readonly name: string
  readonly cron: string
  /** One after the other; the next one only when the previous one succeeded. */
  readonly commands: readonly (readonly string[])[]
}

export interface TunerJobsDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly rng: Rng
  readonly schedule: Schedule & DueTimes
  readonly program: TunerProgram
  readonly runs: TunerRunStore
}

export interface TunerJobsOptions {
  readonly jobs: readonly TunerJob[]
  readonly timeoutMs: number
  /** A missed run is made up this long after the start: the first minutes belong to the axon. */
  readonly catchUpDelayMs: number
}

/**
 * The tuner's work on the daemon's schedule: never two commands at a time, never on the answering threads. A run that
 * was missed while the miner was down is made up once.
 */
export class TunerJobs {
  readonly #deps: TunerJobsDeps
  readonly #options: TunerJobsOptions
  readonly #jobs: readonly { readonly job: TunerJob; readonly supervised: SupervisedJob }[]
  readonly #stopping = new AbortController()
  #queue: Promise<unknown> = Promise.resolve()
  #catchUp: Promise<void> = Promise.resolve()

  constructor(deps: TunerJobsDeps, options: TunerJobsOptions) {
    this.#deps = deps
    this.#options = options
    this.#jobs = options.jobs.map((job) => ({
      job,
      supervised: new SupervisedJob(deps, { name: `tuner-${job.name}`, cron: job.cron, jitterMs: 0 }, (atMs, signal) =>
        this.#inTurn(() => this.#run(job, atMs, signal)),
      ),
    }))
  }

  start(): void {
    for (const { supervised } of this.#jobs) supervised.start()
    this.#catchUp = this.#makeUp()
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('stopping'))
    await this.#catchUp
    await Promise.all(this.#jobs.map(({ supervised }) => supervised.stop()))
  }

  health(): PartHealth {
    if (this.#jobs.length === 0) {
      const hint = 'Set tuning.enabled to true.'
      return { state: 'notConfigured', sentence: 'The tuner does not run by itself.', hint }
    }
    const nowMs = this.#deps.clock.nowMs()
    const last = this.#jobs.map(({ job }) => ({ name: job.name, run: this.#deps.runs.lastRun(job.name) }))
    const failed = last.find(({ run }) => run !== undefined && !isFine(run.exitCode))
    const sentence = `${last.map(({ name, run }) => `${name} ${run === undefined ? 'has not run yet' : ageText(nowMs - run.finishedAtMs)}`).join(', ')}.`
    if (failed?.run === undefined) {
      const waiting = last.find(({ run }) => run?.exitCode === exitCodes.tryAgain)
      return { state: 'ok', sentence, ...(waiting?.run === undefined ? {} : { hint: waiting.run.lastLine }) }
    }
    return { state: 'degraded', sentence, hint: `${failed.name}: ${failed.run.lastLine}` }
  }

  async #makeUp(): Promise<void> {
    const { clock, schedule, runs } = this.#deps
    try {
      await clock.sleep(this.#options.catchUpDelayMs, this.#stopping.signal)
    } catch {
      return
    }
    for (const { job, supervised } of this.#jobs) {
      const dueMs = schedule.lastDueMs(job.cron, clock.nowMs())
      const last = runs.lastRun(job.name)
      // Without any run there is nothing to make up: a new miner has nothing to replay yet.
      if (dueMs !== undefined && last !== undefined && last.scheduledAtMs < dueMs) supervised.tick(dueMs)
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work)
    this.#queue = result.catch(() => undefined)
    return result
  }

  async #run(job: TunerJob, scheduledAtMs: number, signal: AbortSignal): Promise<boolean> {
    const { clock, log, program, runs } = this.#deps
    const startedAtMs = clock.nowMs()
    let outcome: TunerOutcome = { exitCode: 0, lastLine: '' }
    for (const args of job.commands) {
      if (signal.aborted) return true
      outcome = await program.run(args, { timeoutMs: this.#options.timeoutMs, signal })
      if (outcome.exitCode !== 0) break
    }
    // A run that our own stop interrupted is not recorded: it is due again.
    if (signal.aborted) return true
    const finishedAtMs = clock.nowMs()
    runs.record({ job: job.name, scheduledAtMs, startedAtMs, finishedAtMs, ...outcome })
    const fields = {
      event: 'tuner.ran',
      job: job.name,
      scheduledAtMs,
      durationMs: finishedAtMs - startedAtMs,
      ...outcome,
    }
    if (outcome.exitCode === 0) log.info(fields, 'The tuner ran')
    else log.warn(fields, 'The tuner ended with an error')
    return outcome.exitCode === 0
  }
}

/** A command without data yet says "try again"; for a new miner that is not a fault. */
function isFine(exitCode: number | null): boolean {
  return exitCode === exitCodes.done || exitCode === exitCodes.tryAgain
}

function ageText(ageMs: number): string {
  const minutes = Math.max(0, Math.round(ageMs / minuteMs))
  return minutes < 120 ? `ran ${minutes} min ago` : `ran ${Math.round(minutes / 60)} h ago`
}

import type { PartHealth } from '#core/base/health/health-board'
import type { Logger } from '#core/base/log/logger'
import type { Rng } from '#core/base/random/rng'
import type { Clock } from '#core/base/time/clock'
import type { DueTimes, Schedule } from '#core/base/time/schedule'
import { minuteMs } from '#core/base/time/units'
import { durationText, jobComplaint } from '#core/tuning/runs/job-complaint'
import type { TunerOutcome, TunerProgram, TunerRun, TunerRunStore } from '#core/tuning/runs/tuner-runs'
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

const keptInMemory = 200

interface WatchedJob {
  readonly job: TunerJob
  readonly supervised: SupervisedJob
  /** The newest first, as stored; kept here as well, so that no lock or full disk hides how a job does. */
  runs: readonly TunerRun[]
  periodMs: number | undefined
}

/**
 * The tuner's work on the daemon's schedule: never two commands at a time, never on the answering threads. A run that
 * was missed while the miner was down is made up once.
 */
export class TunerJobs {
  readonly #deps: TunerJobsDeps
  readonly #options: TunerJobsOptions
  readonly #jobs: readonly WatchedJob[]
  readonly #stopping = new AbortController()
  #knownSinceMs = 0
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
      runs: [],
      periodMs: undefined,
    }))
  }

  start(): void {
    const { clock, runs } = this.#deps
    this.#knownSinceMs = runs.firstRunAtMs() ?? clock.nowMs()
    for (const watched of this.#jobs) watched.runs = runs.recentRuns(watched.job.name)
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
    const complaints = this.#jobs.flatMap(({ job, supervised, runs, periodMs }) => {
      const isAtWork = supervised.status().state === 'running'
      const facts = { name: job.name, runs, periodMs, knownSinceMs: this.#knownSinceMs, isAtWork, nowMs }
      return jobComplaint(facts) ?? []
    })
    const ages = this.#jobs.map(({ job, runs: [last] }) => {
      const age = last === undefined ? 'has not run yet' : `ran ${durationText(nowMs - last.finishedAtMs)} ago`
      return `${job.name} ${age}`
    })
    const sentence = `${ages.join(', ')}.`
    if (complaints.length > 0) {
      const hint = `Run the command by hand and read what it says ("tuner --help"); docs/operations.md, "tuner.ran".`
      return { state: 'degraded', sentence: `${complaints.join(' ')} All: ${sentence}`, hint }
    }
    const waiting = this.#jobs.find(({ runs: [last] }) => last !== undefined && last.exitCode !== 0)
    return { state: 'ok', sentence, ...(waiting === undefined ? {} : { hint: waiting.runs[0]!.lastLine }) }
  }

  async #makeUp(): Promise<void> {
    const { clock, schedule } = this.#deps
    const { signal } = this.#stopping
    try {
      await clock.sleep(this.#options.catchUpDelayMs, signal)
      for (const watched of this.#jobs) {
        const { job, supervised, runs } = watched
        // Each search takes some milliseconds of the thread that answers.
        await clock.sleep(0, signal)
        const dueMs = schedule.lastDueMs(job.cron, clock.nowMs())
        if (dueMs === undefined) continue
        const before = schedule.lastDueMs(job.cron, dueMs - minuteMs)
        watched.periodMs = before === undefined ? undefined : dueMs - before
        // Without any run of any job there is nothing to make up for: a new miner has nothing to replay yet.
        if ((runs[0]?.scheduledAtMs ?? this.#knownSinceMs) < dueMs) supervised.tick(dueMs)
      }
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work)
    this.#queue = result.catch(() => undefined)
    return result
  }

  async #run(job: TunerJob, scheduledAtMs: number, signal: AbortSignal): Promise<boolean> {
    const { clock, log, program } = this.#deps
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
    this.#keep({ job: job.name, scheduledAtMs, startedAtMs, finishedAtMs, ...outcome })
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

  #keep(run: TunerRun): void {
    const { log, runs } = this.#deps
    const watched = this.#jobs.find(({ job }) => job.name === run.job)
    if (watched !== undefined) watched.runs = [run, ...watched.runs].slice(0, keptInMemory)
    // At worst the next start runs it once more.
    const complain = (err: unknown) =>
      log.warn({ event: 'tuner.run_not_recorded', job: run.job, err }, 'That the tuner ran could not be stored')
    try {
      void runs.record(run)?.catch(complain)
    } catch (err) {
      complain(err)
    }
  }
}

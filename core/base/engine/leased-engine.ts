import type { Logger } from '../log/logger.ts'
import type { Clock } from '../time/clock.ts'
import { dayMs } from '../time/units.ts'
import { type Job, orderJobs } from './job.ts'
import type { JobEngine, JobOutcome, RunOptions, RunReport } from './job-engine.ts'
import type { JobReply, JobRunner } from './job-handlers.ts'
import type { JobStore } from './job-store.ts'

export interface LeasedEngineDeps {
  readonly store: JobStore
  readonly runner: JobRunner
  readonly clock: Clock
  readonly log: Logger
  /** Names this process among all that work on the same table. */
  readonly owner: string
  /** True only if this owner will certainly never finish anything. */
  readonly isGone: (owner: string) => boolean
  /** Why the clock is not trusted: nothing is deleted by age then. Undefined when it is. */
  readonly doubt: () => string | undefined
}

const leaseMs = 30_000
const pollMs = 500
const mostAttempts = 3
const firstRetryMs = 1_000
/** Work that nobody asked for again. */
const forgetAfterMs = 45 * dayMs

/**
 * The default engine. Jobs are rows of a table; the process that works on a job holds a lease and renews it. After a
 * kill the jobs of the dead process wait at most for the end of its lease. Finished jobs stay finished.
 */
export class LeasedEngine implements JobEngine {
  readonly #deps: LeasedEngineDeps

  constructor(deps: LeasedEngineDeps) {
    this.#deps = deps
  }

  async run(jobs: readonly Job[], options: RunOptions = {}): Promise<RunReport> {
    const ordered = orderJobs(jobs)
    const { store, clock } = this.#deps
    const nowMs = clock.nowMs()
    this.#forgetOld(nowMs)
    store.submit(ordered, { nowMs, again: options.again ?? false })
    const run = new EngineRun(this.#deps, ordered, options)
    const heartbeat = new AbortController()
    const beating = this.#beat(heartbeat.signal)
    try {
      return { outcomes: await run.finish() }
    } finally {
      heartbeat.abort()
      await beating
    }
  }

  #forgetOld(nowMs: number): void {
    const { store, doubt, log } = this.#deps
    const reason = doubt()
    if (reason === undefined) store.forget(nowMs - forgetAfterMs)
    else log.warn({ event: 'jobs.cleanup_waits', reason }, 'Old jobs are not deleted while the clock is not trusted')
  }

  async #beat(signal: AbortSignal): Promise<void> {
    const { clock, store, owner, log } = this.#deps
    for (;;) {
      try {
        await clock.sleep(leaseMs / 3, signal)
      } catch {
        return
      }
      try {
        const nowMs = clock.nowMs()
        store.renew({ owner, untilMs: nowMs + leaseMs }, nowMs)
      } catch (err) {
        // The work continues: at worst another process does the same job too.
        log.warn({ event: 'jobs.lease_not_renewed', owner, err }, 'The leases of running jobs could not be renewed')
      }
    }
  }
}

class EngineRun {
  readonly #deps: LeasedEngineDeps
  readonly #options: RunOptions
  readonly #jobs: readonly Job[]
  readonly #total: number
  readonly #outcomes = new Map<string, JobOutcome>()
  readonly #byNeed = new Map<string, Job[]>()
  readonly #missing = new Map<string, number>()
  readonly #ready: Job[] = []
  /** Held by other processes, or waiting for a retry. */
  #delayed: { readonly job: Job; readonly atMs: number }[] = []
  #running = 0
  #wake: () => void = () => {}
  /** An error of ours, such as a table that cannot be written: it ends the run. */
  #fault: { readonly error: unknown } | undefined

  constructor(deps: LeasedEngineDeps, jobs: readonly Job[], options: RunOptions) {
    this.#deps = deps
    this.#options = options
    this.#jobs = jobs
    this.#total = jobs.length
    for (const job of jobs) {
      this.#missing.set(job.key, job.needs.length)
      if (job.needs.length === 0) this.#ready.push(job)
      for (const need of job.needs) this.#byNeed.set(need, [...(this.#byNeed.get(need) ?? []), job])
    }
  }

  async finish(): Promise<ReadonlyMap<string, JobOutcome>> {
    while (this.#outcomes.size < this.#total) {
      const isStopping = this.#options.signal?.aborted === true || this.#fault !== undefined
      if (!isStopping) this.#startReady()
      if (isStopping && this.#running === 0) break
      if (this.#outcomes.size < this.#total) await this.#nextChange()
    }
    if (this.#fault !== undefined) throw this.#fault.error
    for (const job of this.#jobs) if (!this.#outcomes.has(job.key)) this.#settle(job, { state: 'cancelled' })
    return this.#outcomes
  }

  #startReady(): void {
    const nowMs = this.#deps.clock.nowMs()
    const due = this.#delayed.filter(({ atMs }) => atMs <= nowMs)
    this.#delayed = this.#delayed.filter(({ atMs }) => atMs > nowMs)
    this.#ready.push(...due.map(({ job }) => job))
    while (this.#running < this.#deps.runner.capacity) {
      const job = this.#ready.shift()
      if (job === undefined) return
      this.#start(job)
    }
  }

  #start(job: Job): void {
    const { store, clock, owner, runner } = this.#deps
    const nowMs = clock.nowMs()
    const lease = { owner, untilMs: nowMs + leaseMs, nowMs }
    let answer = store.claim(job.key, lease)
    if (answer.kind === 'held' && this.#deps.isGone(answer.owner)) {
      answer = store.claim(job.key, { ...lease, goneOwner: answer.owner })
    }
    switch (answer.kind) {
      case 'claimed': {
        this.#running += 1
        const { attempts } = answer
        void runner
          .run({ kind: job.kind, input: job.input })
          .then((reply) => this.#take(job, reply, attempts))
          .catch((error: unknown) => {
            this.#fault ??= { error }
          })
          .finally(() => {
            this.#running -= 1
            this.#wake()
          })
        return
      }
      case 'held':
        this.#delayed.push({ job, atMs: nowMs + pollMs })
        return
      case 'done':
        this.#settle(job, { state: 'done', result: answer.result, isCached: true })
        return
      case 'failed':
        this.#settle(job, { state: 'failed', reason: answer.reason, attempts: answer.attempts })
        return
      case 'unknown':
        store.submit([job], { nowMs, again: false })
        this.#delayed.push({ job, atMs: nowMs })
    }
  }

  /** A result is stored even if the lease was lost meanwhile: another process gets the same result. */
  #take(job: Job, reply: JobReply, attempts: number): void {
    const { store, clock, owner } = this.#deps
    const nowMs = clock.nowMs()
    if (reply.ok) {
      store.complete(job.key, owner, reply.result, nowMs)
      this.#settle(job, { state: 'done', result: reply.result, isCached: false })
    } else if (reply.isRetryable && attempts < mostAttempts) {
      store.release(job.key, owner, reply.reason, nowMs)
      this.#delayed.push({ job, atMs: nowMs + firstRetryMs * 4 ** (attempts - 1) })
    } else {
      store.fail(job.key, owner, reply.reason, nowMs)
      this.#settle(job, { state: 'failed', reason: reply.reason, attempts })
    }
  }

  #settle(job: Job, outcome: JobOutcome): void {
    if (this.#outcomes.has(job.key)) return
    this.#outcomes.set(job.key, outcome)
    this.#options.onProgress?.({ job, outcome, settled: this.#outcomes.size, total: this.#total })
    for (const next of this.#byNeed.get(job.key) ?? []) {
      if (outcome.state !== 'done') {
        this.#settle(next, outcome.state === 'cancelled' ? outcome : { state: 'blocked', by: job.key })
        continue
      }
      const missing = this.#missing.get(next.key)! - 1
      this.#missing.set(next.key, missing)
      if (missing === 0) this.#ready.push(next)
    }
  }

  /** Waits until a job has ended, a delayed job is due, or the run must stop. */
  async #nextChange(): Promise<void> {
    if (this.#ready.length > 0 && this.#running < this.#deps.runner.capacity && this.#fault === undefined) {
      if (this.#options.signal?.aborted !== true) return
    }
    const { signal } = this.#options
    const over = new AbortController()
    const changed = new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    const onAbort = (): void => this.#wake()
    if (signal?.aborted !== true) signal?.addEventListener('abort', onAbort, { once: true })
    const nextAtMs = Math.min(...this.#delayed.map(({ atMs }) => atMs))
    const { clock } = this.#deps
    const due = Number.isFinite(nextAtMs)
      ? clock.sleep(Math.max(0, nextAtMs - clock.nowMs()), over.signal).catch(() => undefined)
      : undefined
    await (due === undefined || signal?.aborted === true ? changed : Promise.race([changed, due]))
    over.abort()
    signal?.removeEventListener('abort', onAbort)
    this.#wake = () => {}
  }
}

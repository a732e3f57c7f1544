import { Piscina } from 'piscina'
import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import type { EnsembleAnswer, EnsembleJob, EnsembleMaker } from '#core/forecast/ladder/ensemble-maker'
import { Pace, type WorkKind } from '#core/forecast/ladder/pace'
import { PreparedGrowth } from '#core/forecast/ladder/prepared-growth'
import { samplerVersion } from '#core/forecast/paths/path-sampler'
import { singlePart } from '#core/forecast/paths/process-parameters'
import { type Prompt, pointCount } from '#core/synth/prompts/prompt'
import { workerFile } from '../workers/worker-file.ts'
import type { PathTask } from './path-worker.ts'

const maxQueued = 512
/**
 * A worker's own objects are few; its paths are outside of its heap. A small young space needs less resident memory.
 */
const resourceLimits = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 96 }

/** Between two attempts to start a thread. */
const firstPauseMs = 100
const longestPauseMs = 5_000

export interface WorkerEnsemblesOptions {
  readonly workers: number
  /** Memory for paths that are drawn ahead. */
  readonly prepareAheadBytes: number
  /** Replaces the real worker in tests of a worker that misbehaves. */
  readonly worker?: { readonly filename: string; readonly execArgv: string[] }
}

/**
 * Worker threads that make ensembles. A thread that dies or is stopped is replaced; the pool is recreated if necessary.
 */
export class WorkerEnsembles implements EnsembleMaker {
  readonly #options: WorkerEnsemblesOptions
  readonly #clock: Clock
  readonly #log: Logger
  readonly #pace = new Pace()
  readonly #prepared: PreparedGrowth
  /** Memory of sent texts: megabytes each; the garbage collector would free them too late. */
  readonly #spaces: ArrayBuffer[] = []
  #pool: Piscina<PathTask, unknown>
  #outstandingMs = 0
  #outstanding = 0
  readonly #stopped = new AbortController()
  /** While no thread can be started; undefined otherwise. */
  #reviving: Promise<void> | undefined

  private constructor(deps: { clock: Clock; log: Logger }, options: WorkerEnsemblesOptions) {
    this.#options = options
    this.#clock = deps.clock
    this.#log = deps.log
    this.#prepared = new PreparedGrowth(options.prepareAheadBytes)
    this.#pool = this.#createPool()
  }

  /** Resolves when every worker has made something, so that the first prompt does not pay for their start. */
  static async start(deps: { clock: Clock; log: Logger }, options: WorkerEnsemblesOptions): Promise<WorkerEnsembles> {
    const ensembles = new WorkerEnsembles(deps, options)
    const never = new AbortController().signal
    await Promise.all(Array.from({ length: options.workers }, () => ensembles.make(warmUp, never)))
    return ensembles
  }

  get isIdle(): boolean {
    return this.#outstanding === 0
  }

  get preparedBytes(): number {
    return this.#prepared.keptBytes
  }

  isPrepared(job: EnsembleJob): boolean {
    return this.#prepared.has(job)
  }

  expectMs(job: EnsembleJob): number {
    return this.#outstandingMs / this.#options.workers + this.#expectOwnMs(this.#kindOf(job), job)
  }

  async make(job: EnsembleJob, signal: AbortSignal): Promise<EnsembleAnswer> {
    const kind = this.#kindOf(job)
    const growth = this.#prepared.take(job)
    const space = this.#spaces.pop()
    const task = { job, ...(growth === undefined ? {} : { growth }), ...(space === undefined ? {} : { space }) }
    const transferList = [growth?.buffer, space].filter((buffer) => buffer !== undefined)
    const made = await this.#run<EnsembleAnswer>(task, kind, { name: 'makeEnsemble', signal, transferList })
    if (!made.ok) return made
    if (!made.value.ok) return made.value
    const { sample, write, check } = made.value.tookMs
    this.#pace.note(kind, points(job), sample + write + check)
    const { buffer } = made.value.outputJson
    return { ...made.value, release: () => this.#giveBack(buffer) }
  }

  #giveBack(space: ArrayBuffer): void {
    if (this.#spaces.length < this.#options.workers + 1 && !this.#spaces.includes(space)) this.#spaces.push(space)
  }

  /** Draws the paths of this recipe ahead, unless something else runs; returns whether they are ready now. */
  async prepare(job: EnsembleJob): Promise<boolean> {
    if (this.isPrepared(job)) return true
    // The present paths for this prompt were drawn from another forecast.
    this.#prepared.drop(job.prompt)
    if (!this.isIdle || this.#reviving !== undefined || !this.#prepared.hasRoom(points(job))) return false
    const drawn = await this.#run<Float64Array<ArrayBuffer>>({ job }, 'structured', { name: 'drawGrowth' })
    if (!drawn.ok) return false
    this.#prepared.put(job, drawn.value)
    return true
  }

  /** Drops paths that were drawn for prompts which will not come any more. */
  forgetOthers(prompts: readonly Prompt[]): void {
    this.#prepared.keepOnly(prompts)
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    await Promise.all([this.#pool.destroy(), this.#reviving])
  }

  async #run<T>(
    task: PathTask,
    kind: WorkKind,
    options: { name: string; signal?: AbortSignal; transferList?: ArrayBuffer[] },
  ): Promise<{ readonly ok: true; readonly value: T } | (EnsembleAnswer & { ok: false })> {
    if (this.#reviving !== undefined) return { ok: false, kind: 'died', detail: 'no thread can be started' }
    const expectedMs = this.#expectOwnMs(kind, task.job)
    this.#outstandingMs += expectedMs
    this.#outstanding += 1
    try {
      return { ok: true, value: (await this.#pool.run(task, options)) as T }
    } catch (error) {
      if (options.signal?.aborted === true) return { ok: false, kind: 'overran', detail: 'stopped at its deadline' }
      this.#noteDeath(error)
      return { ok: false, kind: 'died', detail: String(error) }
    } finally {
      this.#outstandingMs -= expectedMs
      this.#outstanding -= 1
    }
  }

  #kindOf(job: EnsembleJob): WorkKind {
    return this.#prepared.has(job) ? 'prepared' : job.recipe.arrangement.kind
  }

  #expectOwnMs(kind: WorkKind, job: EnsembleJob): number {
    return this.#pace.expectMs(kind, points(job))
  }

  #noteDeath(err: unknown): void {
    if (this.#stopped.signal.aborted) return
    this.#log.error({ event: 'worker.died', err }, 'A thread that makes paths ended')
    // Piscina replaces a thread that has worked; it gives up a pool whose new threads end before they work.
    if (this.#pool.threads.length === 0) this.#reviving ??= this.#revive()
  }

  /** Meanwhile callers get this answer at once and do not wait in vain. */
  async #revive(): Promise<void> {
    for (let pauseMs = firstPauseMs; !this.#stopped.signal.aborted; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      await this.#pool.destroy()
      this.#pool = this.#createPool()
      try {
        await this.#pool.run({ job: warmUp })
        break
      } catch (err) {
        this.#log.error({ event: 'worker.not_started', err, pauseMs }, 'A thread that makes paths cannot be started')
        await this.#clock.sleep(pauseMs, this.#stopped.signal).catch(() => {})
      }
    }
    this.#reviving = undefined
  }

  #createPool(): Piscina<PathTask, unknown> {
    const pool = new Piscina<PathTask, unknown>({
      ...(this.#options.worker ?? workerFile(import.meta.url, 'path-worker')),
      // A new thread loads the file by this name before it is ready.
      name: 'makeEnsemble',
      minThreads: this.#options.workers,
      maxThreads: this.#options.workers,
      maxQueue: maxQueued,
      idleTimeout: Number.POSITIVE_INFINITY,
      resourceLimits,
    })
    pool.on('error', (err: unknown) => this.#noteDeath(err))
    return pool
  }
}

function points({ prompt }: EnsembleJob): number {
  return pointCount(prompt) * prompt.pathCount
}

const warmUp: EnsembleJob = {
  prompt: { asset: 'BTC', startAtSeconds: 0, lengthSeconds: 60, stepSeconds: 60, pathCount: 1 },
  recipe: {
    samplerVersion,
    forecast: singlePart({
      stepSeconds: 60,
      stepVariances: Float64Array.of(1e-8),
      volatilityFactors: [],
      tails: { kind: 'normal' },
    }),
    startPriceUsd: 100,
    seed: 1n,
    arrangement: { kind: 'independent' },
    flatFirstPath: false,
  },
}

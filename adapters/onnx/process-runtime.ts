import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import type {
  InferenceAnswer,
  InferenceRequest,
  InferenceRuntime,
  ModelFile,
  OpenAnswer,
} from '#core/forecast/models/onnx/inference-runtime'
import { InferenceProcess, type ProcessOutcome } from './inference-process.ts'

export interface ProcessRuntimeOptions {
  readonly maxFileBytes?: number
  /** Of the inference process with all its models. */
  readonly maxRssBytes?: number
  readonly openDeadlineMs?: number
}

const defaults = { maxFileBytes: 256_000_000, maxRssBytes: 1_000_000_000, openDeadlineMs: 20_000 }
/** A process with a shorter life would end again: the next question starts a new one. */
const leastLifeMs = 1_000

/**
 * ONNX models in a separate process, started with the first model. A run that exceeds its deadline ends that process; a
 * new one opens the same models at once. Questions wait for each other, so there is only one process with one thread.
 */
export class ProcessRuntime implements InferenceRuntime {
  readonly #clock: Clock
  readonly #log: Logger
  readonly #options: Required<ProcessRuntimeOptions>
  readonly #files = new Map<string, { readonly path: string; users: number }>()
  #process: InferenceProcess | undefined
  #turn: Promise<unknown> = Promise.resolve()
  #isStopped = false

  constructor(deps: { readonly clock: Clock; readonly log: Logger }, options: ProcessRuntimeOptions = {}) {
    this.#clock = deps.clock
    this.#log = deps.log
    this.#options = { ...defaults, ...options }
  }

  /** Undefined before the first model and after the last process ended. */
  get pid(): number | undefined {
    return this.#process?.isAlive === true ? this.#process.pid : undefined
  }

  open(file: ModelFile): Promise<OpenAnswer> {
    return this.#inTurn(async () => {
      const answer = await this.#open(file)
      if (answer.ok) this.#files.set(file.sha256, { path: file.path, users: this.#usersOf(file.sha256) + 1 })
      return answer
    })
  }

  run(request: InferenceRequest): Promise<InferenceAnswer> {
    return this.#inTurn(() => this.#run(request))
  }

  release(sha256: string): Promise<void> {
    return this.#inTurn(async () => {
      const file = this.#files.get(sha256)
      if (file === undefined) return
      file.users -= 1
      if (file.users > 0) return
      this.#files.delete(sha256)
      if (this.#process?.open.delete(sha256) === true)
        await this.#ask({ kind: 'release', sha256 }, this.#options.openDeadlineMs)
    })
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#process?.kill()
    await this.#process?.ended
    await this.#turn
  }

  async #open({ path, sha256 }: ModelFile): Promise<OpenAnswer> {
    const { maxFileBytes, openDeadlineMs } = this.#options
    const asked = await this.#ask({ kind: 'open', path, sha256, maxBytes: maxFileBytes }, openDeadlineMs)
    if (!asked.ok) return asked
    const { reply } = asked
    if (reply.kind === 'refused') return { ok: false, problem: reply.problem, reason: reply.reason }
    if (reply.kind !== 'opened') return { ok: false, problem: 'threw', reason: `an answer of kind ${reply.kind}` }
    this.#process?.open.add(sha256)
    const { kind: _, ...model } = reply
    return { ok: true, model }
  }

  async #run({ sha256, inputs, outputs, deadlineMs }: InferenceRequest): Promise<InferenceAnswer> {
    const file = this.#files.get(sha256)
    if (file === undefined) return { ok: false, problem: 'threw', reason: 'the model was never opened' }
    if (this.#process?.isAlive !== true || !this.#process.open.has(sha256)) {
      const opened = await this.#open({ path: file.path, sha256 })
      if (!opened.ok) return { ok: false, problem: 'died', reason: opened.reason }
    }
    const asked = await this.#ask({ kind: 'run', sha256, inputs, outputs }, deadlineMs)
    if (!asked.ok) return asked
    const { reply } = asked
    if (reply.kind === 'ran') return { ok: true, outputs: reply.outputs, durationMs: reply.durationMs }
    return {
      ok: false,
      problem: 'threw',
      reason: reply.kind === 'refused' ? reply.reason : `an answer of kind ${reply.kind}`,
    }
  }

  #ask(question: Parameters<InferenceProcess['ask']>[0], deadlineMs: number): Promise<ProcessOutcome> {
    if (this.#isStopped) return Promise.resolve({ ok: false, problem: 'died', reason: 'the miner is stopping' })
    return this.#alive().ask(question, deadlineMs)
  }

  #alive(): InferenceProcess {
    if (this.#process?.isAlive === true) return this.#process
    const started = new InferenceProcess(this.#clock, this.#options.maxRssBytes)
    this.#process = started
    void started.ended.then(() => this.#replace(started))
    return started
  }

  /** At once, not with the next prompt: starting and opening takes longer than a forecast. */
  #replace(ended: InferenceProcess): void {
    const lifeMs = this.#clock.monotonicMs() - ended.startedMs
    if (this.#isStopped) return
    this.#log.warn({ event: 'inference.ended', lifeMs, models: this.#files.size }, 'The inference process ended')
    if (lifeMs < leastLifeMs) return
    void this.#inTurn(async () => {
      for (const [sha256, { path }] of this.#files) {
        if (this.#process?.open.has(sha256) === true && this.#process.isAlive) continue
        // A model that can no longer be opened reports this to its next forecast.
        const answer = await this.#open({ path, sha256 })
        if (!answer.ok && (answer.problem === 'died' || answer.problem === 'overran')) return
      }
    })
  }

  #usersOf(sha256: string): number {
    return this.#files.get(sha256)?.users ?? 0
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work)
    this.#turn = result.then(
      () => {},
      () => {},
    )
    return result
  }
}

import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Clock } from '#core/base/time/clock'
import { withinMs } from '#core/base/time/within-ms'
import type { RunProblem } from '#core/forecast/models/onnx/inference-runtime'
import type { ProcessQuestion, ProcessReply } from './messages.ts'

export type ProcessOutcome =
  | { readonly ok: true; readonly reply: ProcessReply }
  | { readonly ok: false; readonly problem: RunProblem; readonly reason: string }

const isSource = import.meta.url.endsWith('.ts')
const keptStderrCharacters = 500

/** One run of the inference process. It answers one question at a time, and is killed when it does not. */
export class InferenceProcess {
  readonly ended: Promise<void>
  /** Hashes of the models that are open in it. */
  readonly open = new Set<string>()
  readonly #child: ChildProcess
  readonly #clock: Clock
  readonly startedMs: number
  #stderr = ''
  #end: string | undefined
  #settle: ((asked: ProcessOutcome) => void) | undefined

  constructor(clock: Clock, maxRssBytes: number) {
    this.#clock = clock
    this.startedMs = clock.monotonicMs()
    this.#child = fork(
      fileURLToPath(new URL(`./inference-worker.${isSource ? 'ts' : 'js'}`, import.meta.url)),
      [String(maxRssBytes)],
      {
        // Keeps typed arrays.
        serialization: 'advanced',
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
        execArgv: isSource ? ['--import', 'tsx'] : [],
      },
    )
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-keptStderrCharacters)
    })
    this.#child.on('message', (reply: ProcessReply) => this.#finish({ ok: true, reply }))
    this.ended = new Promise((resolve) => {
      const end = (how: string): void => {
        this.#end ??= how
        this.#finish({ ok: false, problem: 'died', reason: this.#describeEnd() })
        resolve()
      }
      this.#child.on('close', (code, signal) => end(signal ?? `exit code ${code}`))
      this.#child.on('error', (error) => {
        // Also when a message cannot be sent to a process that is ending.
        if (this.#child.pid === undefined || this.#child.exitCode !== null) end(error.message)
      })
    })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  get isAlive(): boolean {
    return this.#end === undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  async ask(question: ProcessQuestion, deadlineMs: number): Promise<ProcessOutcome> {
    if (!this.isAlive) return { ok: false, problem: 'died', reason: this.#describeEnd() }
    const asked = new Promise<ProcessOutcome>((resolve) => {
      this.#settle = resolve
    })
    this.#child.send(question, () => {
      // A failed send means that the process is ending; its end is the answer.
    })
    return withinMs(
      this.#clock,
      deadlineMs,
      () => asked,
      (): ProcessOutcome => {
        this.kill()
        this.#settle = undefined
        return { ok: false, problem: 'overran', reason: `no answer within ${deadlineMs} ms` }
      },
    )
  }

  kill(): void {
    this.#end ??= 'killed'
    this.#child.kill('SIGKILL')
  }

  #finish(asked: ProcessOutcome): void {
    this.#settle?.(asked)
    this.#settle = undefined
  }

  #describeEnd(): string {
    const words = this.#stderr.trim().split('\n').at(-1) ?? ''
    return `the inference process ended (${words === '' ? (this.#end ?? 'unknown') : words})`
  }
}

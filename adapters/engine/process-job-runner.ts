import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { JobReply, JobRunner, JobSpec } from '#core/base/engine/job-handlers'

/** To a process of `ProcessJobRunner`. */
export type ToJobProcess<Setting> =
  | { readonly kind: 'start'; readonly spec: JobSpec; readonly setting: Setting }
  /** It comes to an end that can be continued, and replies. */
  | { readonly kind: 'stop' }

/** From it. */
export type FromJobProcess<Note> =
  | { readonly kind: 'note'; readonly note: Note }
  | { readonly kind: 'reply'; readonly reply: JobReply }

export interface ProcessJobRunnerOptions<Setting, Note> {
  /** A module that answers `ToJobProcess` with `FromJobProcess`; `.ts` or `.js` as this file. */
  readonly worker: URL
  readonly processes: number
  /** Of the heap of each process. */
  readonly heapMegabytes: number
  /** Given to each process: for example where the database is. */
  readonly setting: (spec: JobSpec) => Setting
  readonly onNote: (spec: JobSpec, note: Note) => void
}

const isSource = import.meta.url.endsWith('.ts')
const keptStderrCharacters = 2_000

/** A process for each job: what native code of one does wrong ends that job and nothing else. */
export class ProcessJobRunner<Setting, Note> implements JobRunner {
  readonly capacity: number
  readonly #options: ProcessJobRunnerOptions<Setting, Note>
  readonly #children = new Set<ChildProcess>()
  #isStopping = false

  constructor(options: ProcessJobRunnerOptions<Setting, Note>) {
    this.capacity = options.processes
    this.#options = options
  }

  run(spec: JobSpec): Promise<JobReply> {
    const { worker, heapMegabytes, setting, onNote } = this.#options
    return new Promise((resolve) => {
      let stderr = ''
      let reply: JobReply | undefined
      const child = fork(fileURLToPath(worker), [], {
        serialization: 'advanced',
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
        execArgv: [`--max-old-space-size=${heapMegabytes}`, ...(isSource ? ['--import', 'tsx'] : [])],
      })
      this.#children.add(child)
      child.stderr?.on('data', (chunk: Buffer) => {
        stderr = (stderr + chunk.toString()).slice(-keptStderrCharacters)
      })
      child.on('message', (message: FromJobProcess<Note>) => {
        if (message.kind === 'note') onNote(spec, message.note)
        else reply = message.reply
      })
      const settle = (how: string): void => {
        this.#children.delete(child)
        const lines = stderr.trim().split('\n')
        // Behind the error Node prints its stack and its version.
        const words = lines.findLast((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1) ?? ''
        const reason = `the process ended (${words === '' ? how : `${how}: ${words}`})`
        resolve(reply ?? { ok: false, reason, isRetryable: false })
      }
      child.once('close', (code, signal) => settle(signal ?? `exit code ${code}`))
      child.once('error', (error) => {
        if (child.pid === undefined) settle(error.message)
      })
      this.#send(child, { kind: 'start', spec, setting: setting(spec) })
      if (this.#isStopping) this.#send(child, { kind: 'stop' })
    })
  }

  /** Each running job comes to an end that can be continued; its reply says so. */
  stop(): void {
    this.#isStopping = true
    for (const child of this.#children) this.#send(child, { kind: 'stop' })
  }

  #send(child: ChildProcess, message: ToJobProcess<Setting>): void {
    child.send(message, () => {
      // A failed send means that the process is ending; its end is the answer.
    })
  }
}

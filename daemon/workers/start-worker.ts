import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Worker, type WorkerOptions } from 'node:worker_threads'
import { workerFile } from './worker-file.ts'

export interface WorkerPlace {
  /** `import.meta.url` of the file that the worker lies beside. */
  readonly beside: string
  /** Its file name without the ending. */
  readonly file: string
}

/** What the main thread holds of a thread. */
export interface ThreadHandle<To, From> {
  post(message: To, transfer?: readonly ArrayBuffer[]): void
  onMessage(take: (message: From) => void): void
  /** Called once, for every kind of end. */
  onEnd(take: (error: unknown) => void): void
  terminate(): Promise<void>
}

export function startWorker<To, From>({ beside, file }: WorkerPlace, options: WorkerOptions): ThreadHandle<To, From> {
  const { filename, execArgv } = workerFile(beside, file)
  const worker = execArgv.length > 0 ? startSource(filename, options) : new Worker(new URL(filename), options)
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    onMessage: (take) => void worker.on('message', (message: From) => take(message)),
    onEnd: (take) => {
      let cause: unknown
      worker.on('error', (error) => {
        cause = error
      })
      worker.on('exit', (code) => take(cause ?? new Error(`the thread ${options.name} ended with ${code}`)))
    },
    terminate: async () => void (await worker.terminate()),
  }
}

/** A thread's first file is read before a loader named in execArgv is active, so the loader is its first line. */
function startSource(filename: string, options: WorkerOptions): Worker {
  const loader = createRequire(import.meta.url).resolve('tsx/cjs')
  const lines = [loader, fileURLToPath(filename)].map((path) => `require(${JSON.stringify(path)})`)
  return new Worker(lines.join('\n'), { ...options, eval: true })
}

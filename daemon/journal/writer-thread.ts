import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Worker, type WorkerOptions } from 'node:worker_threads'
import { workerFile } from '../workers/worker-file.ts'
import type { JournalWorkerData } from './journal-worker.ts'
import type { FromWriter } from './messages.ts'
import type { WriterThread } from './threaded-journal.ts'

export function startWriterThread(workerData: JournalWorkerData): WriterThread {
  const { filename, execArgv } = workerFile(import.meta.url, 'journal-worker')
  const options = { workerData, name: 'journal' }
  const worker = execArgv.length > 0 ? startSource(filename, options) : new Worker(new URL(filename), options)
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    onMessage: (take) => void worker.on('message', (message: FromWriter) => take(message)),
    onEnd: (take) => {
      let cause: unknown
      worker.on('error', (error) => {
        cause = error
      })
      worker.on('exit', (code) => take(cause ?? new Error(`the journal's thread ended with ${code}`)))
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

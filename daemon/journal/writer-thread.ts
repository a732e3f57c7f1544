import { Worker } from 'node:worker_threads'
import { workerFile } from '../workers/worker-file.ts'
import type { JournalWorkerData } from './journal-worker.ts'
import type { FromWriter } from './messages.ts'
import type { WriterThread } from './threaded-journal.ts'

export function startWriterThread(workerData: JournalWorkerData): WriterThread {
  const { filename, execArgv } = workerFile(import.meta.url, 'journal-worker')
  const worker = new Worker(new URL(filename), { workerData, execArgv, name: 'journal' })
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

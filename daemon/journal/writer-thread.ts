import { startWorker } from '../workers/start-worker.ts'
import type { JournalWorkerData } from './journal-worker.ts'
import type { FromWriter, ToWriter } from './messages.ts'
import type { WriterThread } from './threaded-journal.ts'

export function startWriterThread(workerData: JournalWorkerData): WriterThread {
  const place = { beside: import.meta.url, file: 'journal-worker' }
  return startWorker<ToWriter, FromWriter>(place, { workerData, name: 'journal' })
}

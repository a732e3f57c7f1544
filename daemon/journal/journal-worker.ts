/** The journal's thread with its own connection, so that neither a lock nor a slow disk delays the answering thread. */
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '#adapters/clock/system-clock'
import { openPredictionStore } from '#adapters/sqlite/prediction-store'
import { preparePrices } from '#adapters/sqlite/prices-blob'
import { JournalWriter, type WriterJob, type WriterOptions } from './journal-writer.ts'
import type { FromWriter, ToWriter } from './messages.ts'
import { ReopeningStore } from './reopening-store.ts'

export interface JournalWorkerData {
  readonly dbPath: string
  readonly options: WriterOptions
}

const retryEveryMs = 1_000

const port = parentPort!
const { dbPath, options } = workerData as JournalWorkerData
const clock = systemClock
const store = new ReopeningStore(() => openPredictionStore({ path: dbPath, busyTimeoutMs: options.waitMs }, clock))
const writer = new JournalWriter({ store, clock, preparePrices }, options)
const stopping = new AbortController()

let jobs: WriterJob[] = []
let trims: { readonly ticket: number; readonly nowMs: number }[] = []
let isScheduled = false

port.on('message', (message: ToWriter) => {
  if (message.kind === 'append') jobs.push(message)
  else if (message.kind === 'trim') trims.push(message)
  else stopping.abort()
  // Everything that has arrived by then goes into the same transaction.
  if (!isScheduled) {
    isScheduled = true
    setImmediate(work)
  }
})

function work(): void {
  isScheduled = false
  if (jobs.length > 0) {
    const batch = jobs
    jobs = []
    tell({ kind: 'appended', results: writer.append(batch), state: writer.state() })
  }
  if (stopping.signal.aborted) finish()
  else if (trims.length > 0) trimStep()
}

let trimmed = { droppedPaths: 0, deletedRecords: 0 }

/** One step per turn, so that the record of an answer never waits for more than one step. */
function trimStep(): void {
  const { ticket, nowMs } = trims[0]!
  const { isDone, ok, detail, ...step } = writer.trim(nowMs)
  trimmed = {
    droppedPaths: trimmed.droppedPaths + step.droppedPaths,
    deletedRecords: trimmed.deletedRecords + step.deletedRecords,
  }
  if (isDone) {
    trims = trims.slice(1)
    tell({ kind: 'trimmed', ticket, report: { ok, detail, ...trimmed }, state: writer.state() })
    trimmed = { droppedPaths: 0, deletedRecords: 0 }
  }
  if (trims.length > 0 && !isScheduled) {
    isScheduled = true
    setImmediate(work)
  }
}

function finish(): void {
  for (let before = -1; writer.state().waiting !== before; ) {
    before = writer.state().waiting
    writer.retry()
  }
  store.close()
  tell({ kind: 'stopped' })
  port.close()
}

async function retryWhatWaits(): Promise<void> {
  for (;;) {
    await clock.sleep(retryEveryMs, stopping.signal)
    const before = writer.state().waiting
    // A few batches a second empty a full list in about ten seconds and leave room for new records.
    for (let i = 0; i < 4; i += 1) writer.retry()
    if (before > 0) tell({ kind: 'state', state: writer.state() })
  }
}

function tell(message: FromWriter): void {
  port.postMessage(message)
}

tell({ kind: 'ready', pathsBytes: writer.state().pathsBytes })
retryWhatWaits().catch((error: unknown) => {
  // A stop ends the sleep. Anything else is a bug; the thread ends and is replaced.
  if (!stopping.signal.aborted) throw error
})
